//! How much may be spent on a proof: no input makes it run away.

/// Steps that are left.
#[derive(Clone, Debug)]
pub(crate) struct Budget {
    left: usize,
}

impl Budget {
    pub(crate) fn of(steps: usize) -> Self {
        Self { left: steps }
    }

    /// Whether there was enough left.
    pub(crate) fn spend(&mut self, steps: usize) -> bool {
        match self.left.checked_sub(steps) {
            Some(left) => {
                self.left = left;
                true
            }
            None => {
                self.left = 0;
                false
            }
        }
    }

    /// What can't be done within any.
    pub(crate) fn exhaust(&mut self) {
        self.left = 0;
    }

    pub(crate) fn is_spent(&self) -> bool {
        self.left == 0
    }
}
