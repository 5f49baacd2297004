//! What `benches/wasm.mjs` calls: text in pieces, then selectors. One text at a time.

use std::cell::RefCell;

use promtier::exposition::{Format, Options, Parser};
use promtier::labels::{MatchOp, Matcher};
use promtier::series::{CompiledMatcher, MatchCache, SeriesStore};
use promtier::version::Version;

struct State {
    piece: Vec<u8>,
    parser: Option<Parser>,
    store: SeriesStore,
    selectors: Vec<Vec<CompiledMatcher>>,
}

thread_local! {
    static STATE: RefCell<State> =
        RefCell::new(State {
            piece: vec![0; 1 << 20],
            parser: None,
            store: SeriesStore::default(),
            selectors: Vec::new(),
        });
}

/// Where a piece of text, of at most a mebibyte, is to be written.
#[unsafe(no_mangle)]
pub extern "C" fn piece() -> *const u8 {
    STATE.with_borrow(|state| state.piece.as_ptr())
}

/// Begins a new text; the store of the last one is dropped.
#[unsafe(no_mangle)]
pub extern "C" fn begin() {
    STATE.with_borrow_mut(|state| {
        state.store = SeriesStore::default();
        let options = Options { seed: 0x5eed, ..Options::default() };
        state.parser = Some(Parser::new(Format::PrometheusText, options));
    });
}

/// Reads `length` bytes of the piece.
#[unsafe(no_mangle)]
pub extern "C" fn push(length: usize) {
    STATE.with_borrow_mut(|state| {
        let State { piece, parser, .. } = state;
        if let (Some(parser), Some(piece)) = (parser, piece.get(..length)) {
            parser.push(piece);
        }
    });
}

/// Ends the text and answers the number of series.
#[unsafe(no_mangle)]
pub extern "C" fn finish() -> usize {
    STATE.with_borrow_mut(|state| {
        state.store = state.parser.take().map(|parser| parser.finish().store).unwrap_or_default();
        state.store.len()
    })
}

/// Compiles the twenty selectors and answers how many matchers they have.
#[unsafe(no_mangle)]
pub extern "C" fn compile() -> usize {
    let compiled = |&(name, op, value): &(&str, MatchOp, &str)| {
        CompiledMatcher::new(&Matcher::new(name, op, value), Version::NEWEST).ok()
    };
    let selectors: Vec<Vec<CompiledMatcher>> =
        SELECTORS.iter().map(|matchers| matchers.iter().filter_map(compiled).collect()).collect();
    let count = selectors.iter().map(Vec::len).sum();
    STATE.with_borrow_mut(|state| state.selectors = selectors);
    count
}

/// Evaluates the compiled selectors from nothing and answers how many rows they find together.
#[unsafe(no_mangle)]
pub extern "C" fn select() -> usize {
    STATE.with_borrow(|state| {
        let mut cache = MatchCache::default();
        let mut found = |matchers: &Vec<CompiledMatcher>| {
            state.store.select_cached(matchers, &mut cache).map_or(0, |rows| rows.count())
        };
        state.selectors.iter().map(&mut found).sum()
    })
}

include!("../../selectors.rs");
