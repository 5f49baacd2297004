//! The text formats: what applications expose, and what `/federate` prints.
