//! The threads that call into a module, each with a session of its own.

use std::fmt;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread::JoinHandle;

use tokio::sync::oneshot;

use super::TokenPlace;
use super::error::TokenError;
use super::login::Login;
use super::module::Module;
use super::pin::Pin;

/// How many signatures a token is asked for at once. Tokens have few sessions (a YubiKey 16), and fewer
/// processors.
const THREADS: usize = 4;

type Job = Box<dyn FnOnce(&mut Worker) + Send>;

/// The threads of a token.
///
/// When this is dropped, they log out, and it is waited for: a module that is called while the process ends
/// crashes, as SoftHSM2 does when OpenSSL has been cleaned up under it.
pub(super) struct Workers {
    shared: Arc<Shared>,
    crew: OnceLock<Crew>,
}

/// The threads, once they are started.
struct Crew {
    jobs: Mutex<Sender<Job>>,
    threads: Vec<JoinHandle<()>>,
}

/// What the threads have in common.
struct Shared {
    place: TokenPlace,
    pin: Pin,
    /// Loaded by who comes first. Held once a token, so that the module knows how many use it.
    module: OnceLock<Arc<Module>>,
}

/// What a thread has.
struct Worker {
    shared: Arc<Shared>,
    login: Option<Login>,
}

impl Workers {
    pub(super) fn new(place: TokenPlace) -> Self {
        let shared = Shared { place, pin: Pin::default(), module: OnceLock::new() };
        Self { shared: Arc::new(shared), crew: OnceLock::new() }
    }

    pub(super) fn place(&self) -> &TokenPlace {
        &self.shared.place
    }

    /// Does this on one of the threads.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        mut operation: impl FnMut(&mut Login) -> Result<T, TokenError> + Send + 'static,
    ) -> Result<T, TokenError> {
        let (answer, answered) = oneshot::channel();
        // Whoever waited may have gone; nobody misses the answer then.
        let job: Job = Box::new(move |worker| drop(answer.send(worker.run(&mut operation))));
        let crew = self.crew.get_or_init(|| self.start());
        let sent = crew.jobs.lock().unwrap_or_else(PoisonError::into_inner).send(job);
        let ended = |reason: &str| TokenError::Refused {
            token: self.place().label.clone(),
            reason: format!("the threads that call into its module {reason}"),
        };
        sent.map_err(|_| ended("could not be started"))?;
        answered.await.unwrap_or_else(|_| Err(ended("have ended")))
    }

    fn start(&self) -> Crew {
        let (sender, receiver) = channel();
        let receiver = Arc::new(Mutex::new(receiver));
        let thread = |_| {
            let worker = Worker { shared: Arc::clone(&self.shared), login: None };
            let jobs = Arc::clone(&receiver);
            let thread = std::thread::Builder::new().name("token".to_owned());
            // With fewer threads it is slower; with none, no job finds a receiver, and says so.
            thread.spawn(move || worker.work(&jobs)).ok()
        };
        let threads = (0..THREADS).filter_map(thread).collect();
        Crew { jobs: Mutex::new(sender), threads }
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        if let Some(Crew { jobs, threads }) = self.crew.take() {
            drop(jobs);
            // One that panicked has told so itself.
            threads.into_iter().for_each(|thread| drop(thread.join()));
        }
    }
}

impl Worker {
    fn work(mut self, jobs: &Mutex<Receiver<Job>>) {
        loop {
            // One thread waits for a job, the others for their turn to wait.
            let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
            match job {
                Ok(job) => job(&mut self),
                Err(_) => break self.log_out(),
            }
        }
    }

    /// Does it with the session that there is; should the token have been away, with a fresh one; and should
    /// that not help, after the module has begun anew.
    fn run<T>(
        &mut self,
        operation: &mut impl FnMut(&mut Login) -> Result<T, TokenError>,
    ) -> Result<T, TokenError> {
        let shared = Arc::clone(&self.shared);
        let module = shared.module()?;
        let (mut fresh, mut anew) = (false, false);
        loop {
            let life = module.enter();
            fresh = !self.has_login(life.number()) || fresh;
            let result = self.once(module, life.number(), operation);
            let seen = life.number();
            match result {
                Err(error) if error.may_be_stale() => {
                    // A session that failed may have something half done in it.
                    self.log_out_of(seen);
                    drop(life);
                    if !fresh {
                        continue;
                    }
                    if anew || !module.begin_anew(seen) {
                        return Err(error);
                    }
                    anew = true;
                }
                Err(error) => {
                    self.log_out_of(seen);
                    return Err(error);
                }
                done => return done,
            }
        }
    }

    fn once<T>(
        &mut self,
        module: &Module,
        life: u64,
        operation: &mut impl FnMut(&mut Login) -> Result<T, TokenError>,
    ) -> Result<T, TokenError> {
        let login = match self.login.take().filter(|login| login.life() == life) {
            Some(login) => login,
            None => Login::new(module.library(), life, &self.shared.place, &self.shared.pin)?,
        };
        operation(self.login.insert(login))
    }

    fn has_login(&self, life: u64) -> bool {
        self.login.as_ref().is_some_and(|login| login.life() == life)
    }

    fn log_out_of(&mut self, life: u64) {
        if let Some(login) = self.login.take().filter(|login| login.life() == life) {
            login.close();
        }
    }

    fn log_out(mut self) {
        let shared = Arc::clone(&self.shared);
        if let Some(module) = shared.module.get() {
            let life = module.enter();
            self.log_out_of(life.number());
        }
    }
}

impl Shared {
    fn module(&self) -> Result<&Arc<Module>, TokenError> {
        match self.module.get() {
            Some(module) => Ok(module),
            None => {
                let module = Module::load(&self.place.module)?;
                Ok(self.module.get_or_init(|| module))
            }
        }
    }
}

impl fmt::Debug for Workers {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.place().fmt(formatter)
    }
}
