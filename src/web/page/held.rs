//! What the page holds for as long as it lives.

use std::sync::{PoisonError, RwLock};

use leptos::prelude::{Notify, Track, Trigger};

/// A value that whoever reads it follows. A handle: copies are the same value.
///
/// The framework's own signals give each type of value some kilobytes of code, for owners and storage that the
/// page has no use for: what it holds lives as long as it does.
pub(crate) struct Held<T: 'static> {
    value: &'static RwLock<T>,
    trigger: Trigger,
}

impl<T> Clone for Held<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Held<T> {}

impl<T> Held<T> {
    /// Holds `value` from now on.
    pub(crate) fn new(value: T) -> Self {
        Self { value: Box::leak(Box::new(RwLock::new(value))), trigger: Trigger::new() }
    }

    /// Looks at the value, and again whenever it changes.
    pub(crate) fn with<R>(self, look: impl FnOnce(&T) -> R) -> R {
        self.trigger.track();
        self.with_untracked(look)
    }

    /// Looks at the value once. It must not be changed meanwhile.
    pub(crate) fn with_untracked<R>(self, look: impl FnOnce(&T) -> R) -> R {
        look(&self.value.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes the value and tells those who follow it.
    pub(crate) fn update<R>(self, change: impl FnOnce(&mut T) -> R) -> R {
        let result = self.update_untracked(change);
        self.trigger.notify();
        result
    }

    /// Changes the value and tells nobody.
    pub(crate) fn update_untracked<R>(self, change: impl FnOnce(&mut T) -> R) -> R {
        change(&mut self.value.write().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts another value in its place.
    pub(crate) fn set(self, value: T) {
        drop(self.update_untracked(|held| std::mem::replace(held, value)));
        self.trigger.notify();
    }

    /// Tells those who follow the value, though it is as it was.
    pub(crate) fn notify(self) {
        self.trigger.notify();
    }
}

impl<T: Clone> Held<T> {
    /// The value now, and whenever it changes.
    pub(crate) fn get(self) -> T {
        self.with(T::clone)
    }

    /// The value now.
    pub(crate) fn get_untracked(self) -> T {
        self.with_untracked(T::clone)
    }
}
