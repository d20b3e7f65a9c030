//! From settings to a node: guards in a fixed order, then the object graph, then a cluster.

mod assemble;
mod fit;
mod founding;
mod guards;
mod keys;
mod refusal;
mod rotation;
mod store;

pub use assemble::{assemble, claim};
pub use founding::found;
pub use rotation::rotate;
