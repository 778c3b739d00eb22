//! Laws of the facts store.
