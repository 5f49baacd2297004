//! Which answer belongs to which question.

use promtier::engine::protocol::Request;

/// Counts the changes of the workspace as the engine does, so that an answer says by its revision whether it is
/// for the newest text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Exchange {
    sent: u64,
    shown: u64,
    /// The engine has been told to start over and has not said that it did: what it says is of before.
    starting_over: u32,
    /// What the engine holds: to remove anything else changes nothing.
    held: Vec<String>,
    /// Engines that have ended since one last answered with a picture.
    deaths: u32,
}

/// What to do about an engine that has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AfterDeath {
    /// Start another and give it the texts.
    Restart,
    /// It ends on this very workspace: wait for the texts to change, or for a person to say so.
    Wait,
}

impl Exchange {
    /// Notes a request on its way to the engine.
    pub(crate) fn sent(&mut self, request: &Request) {
        match request {
            Request::Reset { .. } => {
                self.starting_over += 1;
                self.held.clear();
                self.sent = 1;
                self.shown = 0;
            }
            Request::Put { path, .. } => {
                self.hold(path);
                self.sent += 1;
            }
            Request::Remove { path } => {
                let before = self.held.len();
                self.held.retain(|held| held != path);
                self.sent += u64::from(self.held.len() < before);
            }
            Request::SetVersion { .. } => self.sent += 1,
            // Samples change the workspace when all of them are there.
            Request::Load { .. } | Request::CancelLoad { .. } => {}
            // The rest asks and changes nothing.
            _ => {}
        }
    }

    /// The engine says that it is ready, having started over.
    pub(crate) fn ready(&mut self) {
        self.starting_over = self.starting_over.saturating_sub(1);
    }

    fn hold(&mut self, path: &str) {
        if !self.held.iter().any(|held| held == path) {
            self.held.push(path.to_owned());
        }
    }

    /// Whether what the engine says is of a workspace that is gone.
    pub(crate) fn is_starting_over(&self) -> bool {
        self.starting_over > 0
    }

    /// Samples are in the workspace.
    pub(crate) fn loaded(&mut self, path: &str) {
        self.hold(path);
        self.sent += 1;
    }

    /// Whether a picture of `revision` is to be shown: newer than the one shown, and not of a workspace that is
    /// gone. It then counts as shown.
    pub(crate) fn accept(&mut self, revision: u64) -> bool {
        let newer = !self.is_starting_over() && revision >= self.shown;
        if newer {
            self.shown = revision;
            self.deaths = 0;
        }
        newer
    }

    /// Whether the picture shown is of everything sent.
    pub(crate) fn is_current(&self) -> bool {
        self.shown >= self.sent
    }

    /// Notes that the engine has ended.
    pub(crate) fn died(&mut self) -> AfterDeath {
        self.deaths += 1;
        self.starting_over = 0;
        if self.deaths < 2 { AfterDeath::Restart } else { AfterDeath::Wait }
    }
}

#[cfg(test)]
mod tests {
    use promtier::engine::protocol::RowsQuery;

    use super::*;

    fn put(path: &str) -> Request {
        Request::Put { path: path.to_owned(), text: String::new() }
    }

    fn begun() -> Exchange {
        let mut exchange = Exchange::default();
        exchange.sent(&Request::Reset { version: String::new() });
        exchange.ready();
        exchange
    }

    #[test]
    fn old_pictures_are_dropped() {
        let mut exchange = begun();
        exchange.sent(&put("a"));
        exchange.sent(&put("b"));
        assert!(!exchange.is_current());
        assert!(exchange.accept(3));
        assert!(exchange.is_current());
        assert!(!exchange.accept(2));
        exchange.sent(&Request::Rows(RowsQuery::default()));
        assert!(exchange.is_current());
    }

    #[test]
    fn nothing_of_the_workspace_before_is_shown() {
        let mut exchange = begun();
        assert!(exchange.accept(7));
        exchange.sent(&Request::Reset { version: String::new() });
        exchange.sent(&put("a"));
        assert!(!exchange.accept(8));
        assert!(exchange.is_starting_over());
        exchange.ready();
        assert!(exchange.accept(1));
        assert!(!exchange.is_current());
        assert!(exchange.accept(2));
        assert!(exchange.is_current());
    }

    #[test]
    fn counts_as_the_engine_does() {
        let mut exchange = begun();
        exchange.sent(&Request::Load { path: "s".to_owned(), bytes: 1 });
        exchange.sent(&Request::Remove { path: "s".to_owned() });
        assert!(exchange.accept(1) && exchange.is_current());
        exchange.loaded("s");
        assert!(!exchange.is_current());
        exchange.sent(&Request::Remove { path: "s".to_owned() });
        exchange.sent(&Request::SetVersion { version: String::new() });
        assert!(exchange.accept(3) && !exchange.is_current());
        assert!(exchange.accept(4) && exchange.is_current());
    }

    #[test]
    fn an_engine_that_keeps_ending_is_left_alone() {
        let mut exchange = begun();
        assert_eq!(exchange.died(), AfterDeath::Restart);
        exchange.sent(&Request::Reset { version: String::new() });
        exchange.ready();
        assert_eq!(exchange.died(), AfterDeath::Wait);
        exchange.sent(&Request::Reset { version: String::new() });
        exchange.ready();
        assert!(exchange.accept(1));
        assert_eq!(exchange.died(), AfterDeath::Restart);
    }
}
