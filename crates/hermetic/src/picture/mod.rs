//! The flows as a picture: parties in path order, hops as arrows with a lock, the weakest of each flow
//! marked. Every form is a pure function of the report, and tells the same facts.

mod caption;
mod dot;
mod html;
mod lane;
mod leg;
mod lettering;
mod lock;
mod markup;
mod page;
mod plan;
mod svg;

pub use dot::dot;
pub use html::html;
pub use lock::draw as sign;
pub use markup::{Markup, escaped};
pub use page::page;
pub use svg::svg;

#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;
