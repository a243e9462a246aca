//! `hermetic ca create`, `disable`, `enable`, `delete` and `restore`: authorities from state to state.

use super::creation::Creation;
use super::order::Order;
use super::show;
use crate::arguments::{Change, Create};
use crate::exit::{Exit, Failure};

/// Makes an authority.
pub async fn create(arguments: &Create) -> Result<Exit, Failure> {
    let done = Order::Create(Box::new(Creation::of(arguments))).carry_out(&arguments.place).await?;
    show::changed(&done.generation, arguments.format, &arguments.place).await
}

/// Takes one to another state.
pub async fn run(change: &Change, order: Order) -> Result<Exit, Failure> {
    let done = order.carry_out(&change.place).await?;
    show::changed(&done.generation, change.format, &change.place).await
}
