//! What `hermetic audit` may find without falling short.

use jiff::civil::Date;

use super::table::{Optional, Required, table};
use super::text::Line;

table! {
    /// An accepted departure from a control of `hermetic audit`, until a day. What it covers is shown as `excepted`;
    /// from the day after, it falls short again.
    Exception in "[[exception]]" {
        /// The control, by its id here or in another tool.
        #[schemars(extend("examples" = ["S3.5"]))]
        control: Required<Line>,
        /// The resource, by its logical id or its address in Terraform; `*` stands for any run of characters.
        #[schemars(extend("default" = "*"))]
        resource: Optional<Line>,
        /// Why it is accepted.
        #[schemars(extend("examples" = ["the partner's uploader speaks HTTP"]))]
        reason: Required<Line>,
        /// Who answers for it.
        #[schemars(extend("examples" = ["payments"]))]
        owner: Required<Line>,
        /// The last day on which it counts (UTC), without quotes: `2027-03-31`.
        until: Required<Date>,
    }
}
