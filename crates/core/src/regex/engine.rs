//! A compiled tree, searched: a lazily built automaton says whether a text matches, a backtracker where the
//! groups are. `regex-automata`'s own choice among more engines would double the bytes of both.

use std::fmt;
use std::panic::{RefUnwindSafe, UnwindSafe};

use regex_automata::hybrid::dfa;
use regex_automata::nfa::thompson::backtrack::{self, BoundedBacktracker};
use regex_automata::nfa::thompson::pikevm::{self, PikeVM};
use regex_automata::nfa::thompson::{Compiler, Config, NFA, WhichCaptures};
use regex_automata::util::pool::Pool;
use regex_automata::util::primitives::NonMaxUsize;
use regex_automata::{Anchored, Input};
use regex_syntax::hir::Hir;

/// How many bytes a compiled program may take.
const MAX_PROGRAM: usize = 16 << 20;

/// What a search changes, made for the first search of a thread and kept.
type Caches<T> = Pool<T, Box<dyn Fn() -> T + Send + Sync + UnwindSafe + RefUnwindSafe>>;

/// The bounds of the groups in bytes, `None` where a group took no part.
pub(super) type Groups = Vec<Option<(usize, usize)>>;

/// A compiled tree.
pub(super) struct Engine {
    automaton: dfa::DFA,
    automaton_caches: Caches<dfa::Cache>,
    /// Whether a match can only begin where the text does.
    anchored: bool,
    backtracker: BoundedBacktracker,
    backtracker_caches: Caches<backtrack::Cache>,
    /// For texts that are too long for the backtracker, and should the automaton give up.
    pike: PikeVM,
    pike_caches: Caches<pikevm::Cache>,
}

/// A tree needs more bytes than a program may take.
#[derive(Clone, Copy, Debug)]
pub(super) struct TooLarge;

impl Engine {
    /// Compiles a tree, with its groups where `captures` is set. `anchored` says that it begins with the
    /// start of the text.
    pub(super) fn new(hir: &Hir, captures: bool, anchored: bool) -> Result<Self, TooLarge> {
        let captures = if captures { WhichCaptures::All } else { WhichCaptures::None };
        let config = Config::new().nfa_size_limit(Some(MAX_PROGRAM)).which_captures(captures);
        // The only failures left to a tree that is well formed are limits of size.
        let nfa = Compiler::new().configure(config).build_from_hir(hir).map_err(|_| TooLarge)?;
        Self::search_with(nfa, anchored).ok_or(TooLarge)
    }

    fn search_with(nfa: NFA, anchored: bool) -> Option<Self> {
        // A large program gets the cache that it needs at least.
        let config = dfa::Config::new().skip_cache_capacity_check(true);
        let automaton = dfa::Builder::new().configure(config).build_from_nfa(nfa.clone()).ok()?;
        let backtracker = BoundedBacktracker::new_from_nfa(nfa.clone()).ok()?;
        let pike = PikeVM::new_from_nfa(nfa).ok()?;
        let (a, b, p) = (automaton.clone(), backtracker.clone(), pike.clone());
        Some(Self {
            automaton,
            automaton_caches: Pool::new(Box::new(move || a.create_cache())),
            anchored,
            backtracker,
            backtracker_caches: Pool::new(Box::new(move || b.create_cache())),
            pike,
            pike_caches: Pool::new(Box::new(move || p.create_cache())),
        })
    }

    fn input<'t>(&self, text: &'t str, from: usize) -> Input<'t> {
        let anchored = if self.anchored { Anchored::Yes } else { Anchored::No };
        Input::new(text).range(from..).anchored(anchored)
    }

    /// Whether `text` holds a match.
    pub(super) fn is_match(&self, text: &str) -> bool {
        let input = self.input(text, 0).earliest(true);
        match self.automaton.try_search_fwd(&mut self.automaton_caches.get(), &input) {
            Ok(found) => found.is_some(),
            Err(_) => self.pike.is_match(&mut self.pike_caches.get(), input),
        }
    }

    /// The first match in `text` that begins at the byte `from` or later.
    pub(super) fn find(&self, text: &str, from: usize) -> Option<Groups> {
        let input = self.input(text, from);
        let mut slots = vec![None; self.pike.get_nfa().group_info().slot_len()];
        let found =
            match self.backtracker.try_search_slots(&mut self.backtracker_caches.get(), &input, &mut slots) {
                Ok(found) => found,
                Err(_) => self.pike.search_slots(&mut self.pike_caches.get(), &input, &mut slots),
            };
        found?;
        let bound = |slot: Option<&Option<NonMaxUsize>>| slot.copied().flatten().map(NonMaxUsize::get);
        Some(slots.chunks(2).map(|pair| bound(pair.first()).zip(bound(pair.get(1)))).collect())
    }

    /// About how many bytes the program takes, not counting the caches.
    pub(super) fn memory_usage(&self) -> usize {
        self.pike.get_nfa().memory_usage() + self.automaton.memory_usage()
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").finish_non_exhaustive()
    }
}
