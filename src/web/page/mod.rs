//! The page as a whole: its state, which whoever reads it follows, and what can be done with it. Components read it and call the
//! deeds; what they decide by lies in [`crate::state`], what they reach the browser by in
//! [`crate::browser`].

mod deeds;
mod details;
mod engine;
mod held;
mod intake;
mod way;

use std::ops::Deref;
use std::sync::Arc;

use leptos::prelude::*;
use promtier::engine::protocol::{Analysis, DetailsAnswer, NodeView};

pub(crate) use held::Held;

use crate::browser::engine::Engine;
use crate::browser::fetch::Example;
use crate::browser::file::File;
use crate::browser::{dom, storage, timer::Timer};
use crate::state::edits::Change;
use crate::state::exchange::Exchange;
use crate::state::files::{Files, Key, Loads};
use crate::state::flow;
use crate::state::layout::{DetailTab, Pane, Room, Split, Theme};
use crate::state::rows::Rows;
use crate::state::way::Way;

/// How the engine does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum EngineState {
    /// It has not said anything yet.
    Starting,
    /// It answers.
    Running,
    /// It has ended and is not started again by itself.
    Ended,
}

/// The list of examples.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Examples {
    Loading,
    Here(Arc<Vec<Example>>),
    /// It could not be fetched.
    Missing,
}

/// Something to tell, until it is dismissed or mended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Note {
    pub(crate) id: u32,
    pub(crate) bad: bool,
    pub(crate) text: String,
    pub(crate) action: Option<NoteAction>,
}

/// What a note offers to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum NoteAction {
    /// Bring back the workspace that another has replaced.
    RestoreWorkspace,
    /// Bring back the file that was removed.
    RestoreFile,
    /// Start the engine once more.
    StartEngine,
    /// Fetch the examples again.
    FetchExamples,
    /// Fetch one example again.
    FetchExample(String),
}

/// What an editor is told to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Order {
    pub(crate) key: Key,
    pub(crate) deed: EditorDeed,
    /// Tells two orders apart that are otherwise equal.
    serial: u32,
}

/// What an editor can be told to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum EditorDeed {
    /// Select from and to, in UTF-16 code units, and bring it into view.
    Select(u32, u32),
    /// Make a change as if it were typed.
    Type(Change),
}

/// What files are dragged over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Drag {
    /// Nothing of the page, or none are dragged.
    Nowhere,
    /// The page.
    Page,
    /// The card of a node.
    Node(String),
}

/// The dialog that is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Dialog {
    /// Samples for a node.
    Samples { node: String, path: String },
    /// A new file.
    NewFile,
    /// Another name for a file.
    Rename(Key),
}

/// The page. A handle: copies are the same page.
#[derive(Clone, Copy)]
pub(crate) struct Page(&'static Contents);

impl Deref for Page {
    type Target = Contents;

    fn deref(&self) -> &Contents {
        self.0
    }
}

/// Everything the page holds.
pub(crate) struct Contents {
    pub(crate) files: Held<Files>,
    pub(crate) active: Held<Option<Key>>,
    pub(crate) loads: Held<Loads>,
    pub(crate) analysis: Held<Arc<Analysis>>,
    pub(crate) engine: Held<EngineState>,
    pub(crate) versions: Held<Vec<String>>,
    pub(crate) version: Held<String>,
    /// The node that the person has chosen.
    chosen: Held<Option<String>>,
    /// The node that is shown.
    pub(crate) node: Memo<Option<String>>,
    pub(crate) tab: Held<DetailTab>,
    pub(crate) pane: Held<Pane>,
    pub(crate) split: Held<Split>,
    pub(crate) theme: Held<Theme>,
    pub(crate) rows: Held<Rows>,
    /// The series that is followed through the tiers.
    pub(crate) way: Held<Way>,
    /// The tables on the node that is shown, or was.
    pub(crate) details: Held<Arc<DetailsAnswer>>,
    pub(crate) notes: Held<Vec<Note>>,
    /// The line in the header as a sentence, once it has come to rest.
    pub(crate) spoken: Held<String>,
    pub(crate) examples: Held<Examples>,
    /// The first example is on its way.
    pub(crate) opening: Held<bool>,
    /// How much room there is.
    pub(crate) room: Held<Room>,
    /// The example that is open.
    pub(crate) example: Held<Option<String>>,
    /// Where the cursor stands: the file and the UTF-16 code unit.
    pub(crate) cursor: Held<(Key, u32)>,
    /// The finding that one was last led to.
    pub(crate) problem: Held<Option<usize>>,
    pub(crate) order: Held<Option<Order>>,
    pub(crate) dialog: Held<Option<Dialog>>,
    /// What files are dragged over.
    pub(crate) drag: Held<Drag>,
    inner: StoredValue<Inner, LocalStorage>,
}

/// What no component sees.
struct Inner {
    engine: Option<Engine>,
    exchange: Exchange,
    /// Texts that the engine does not know yet.
    unsent: Vec<Key>,
    /// When to send them.
    send: Option<Timer>,
    /// When to speak.
    speak: Option<Timer>,
    /// When an engine that has said nothing is late.
    late: Option<Timer>,
    /// The samples of attachments, for an engine that starts anew.
    held: Vec<(String, File)>,
    /// Samples being read, and when they have lasted long enough to show.
    pending: Vec<(String, (File, Timer))>,
    /// What another workspace has replaced.
    replaced: Option<Workspace>,
    /// The file removed last.
    removed: Option<(String, crate::state::files::Content, Option<File>)>,
    serial: u32,
}

struct Workspace {
    files: Files,
    held: Vec<(String, File)>,
    example: Option<String>,
    active: Option<Key>,
}

impl Page {
    /// A page without files, its engine about to start.
    pub(crate) fn new() -> Self {
        let analysis = Held::new(Arc::new(Analysis::default()));
        let chosen = Held::new(None::<String>);
        let node = Memo::new(move |_| {
            analysis
                .with(|analysis| chosen.with(|chosen| flow::node_to_show(&analysis.nodes, chosen.as_deref())))
        });
        let room = Room::of(dom::window_width());
        let contents = Contents {
            files: Held::new(Files::default()),
            active: Held::new(None),
            loads: Held::new(Loads::default()),
            analysis,
            engine: Held::new(EngineState::Starting),
            versions: Held::new(Vec::new()),
            version: Held::new(String::new()),
            chosen,
            node,
            tab: Held::new(DetailTab::default()),
            pane: Held::new(Pane::default()),
            split: Held::new(Split::from_stored(storage::remembered("split").as_deref())),
            theme: Held::new(Theme::from_stored(storage::remembered("theme").as_deref())),
            rows: Held::new(Rows::new(room.row_height())),
            way: Held::new(Way::default()),
            details: Held::new(Arc::new(DetailsAnswer::default())),
            notes: Held::new(Vec::new()),
            spoken: Held::new(String::new()),
            examples: Held::new(Examples::Loading),
            opening: Held::new(true),
            room: Held::new(room),
            example: Held::new(None),
            cursor: Held::new((0, 0)),
            problem: Held::new(None),
            order: Held::new(None),
            dialog: Held::new(None),
            drag: Held::new(Drag::Nowhere),
            inner: StoredValue::new_local(Inner {
                engine: None,
                exchange: Exchange::default(),
                unsent: Vec::new(),
                send: None,
                speak: None,
                late: None,
                held: Vec::new(),
                pending: Vec::new(),
                replaced: None,
                removed: None,
                serial: 0,
            }),
        };
        let page = Self(Box::leak(Box::new(contents)));
        page.take_engine();
        page.follow_node();
        page.follow_details();
        page
    }

    /// The page that a component belongs to.
    pub(crate) fn here() -> Self {
        expect_context()
    }

    /// The node shown.
    pub(crate) fn node_view(self) -> Option<NodeView> {
        let name = self.node.get()?;
        self.analysis.with(|analysis| analysis.nodes.iter().find(|node| node.name == name).cloned())
    }

    /// The window has another size.
    pub(crate) fn resized(self) {
        let room = Room::of(dom::window_width());
        if room != self.room.get_untracked() {
            self.room.set(room);
            self.rows.update(|rows| rows.scroller.set_row_height(room.row_height()));
            self.ask_rows();
        }
    }

    /// Keeps the table at the node shown.
    fn follow_node(self) {
        Effect::new(move || {
            let node = self.node.get().unwrap_or_default();
            self.rows.update(|rows| rows.show_node(&node));
            self.ask_rows();
        });
    }
}
