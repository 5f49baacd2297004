//! A view that is only ever put in place or replaced.

use leptos::tachys::html::attribute::Attribute;
use leptos::tachys::html::attribute::any_attribute::AnyAttribute;
use leptos::tachys::hydration::Cursor;
use leptos::tachys::renderer::types::{Element, Node};
use leptos::tachys::view::add_attr::AddAnyAttr;
use leptos::tachys::view::{Mountable, Position, PositionState, Render, RenderHtml};

/// A view without its type, which another takes the place of as a whole.
///
/// The framework's own, `AnyView`, also keeps the code that turns one view into another of its type piece by
/// piece. For parts that change rarely, or at once, that is weight for nothing.
pub(crate) struct Made(Box<dyn FnOnce() -> Box<dyn Mountable> + Send>);

/// Turns a view into one without its type.
pub(crate) trait Make {
    /// This view, without its type.
    fn made(self) -> Made;
}

impl<V> Make for V
where
    V: Render + Send + 'static,
    V::State: 'static,
{
    fn made(self) -> Made {
        Made(Box::new(|| Box::new(self.build())))
    }
}

/// What stands on the page.
pub(crate) struct Standing(Box<dyn Mountable>);

impl Mountable for Standing {
    fn unmount(&mut self) {
        self.0.unmount();
    }

    fn mount(&mut self, parent: &Element, marker: Option<&Node>) {
        self.0.mount(parent, marker);
    }

    fn insert_before_this(&self, child: &mut dyn Mountable) -> bool {
        self.0.insert_before_this(child)
    }

    fn elements(&self) -> Vec<Element> {
        self.0.elements()
    }
}

impl Render for Made {
    type State = Standing;

    fn build(self) -> Standing {
        Standing((self.0)())
    }

    fn rebuild(self, state: &mut Standing) {
        let mut new = self.build();
        state.insert_before_this(&mut new);
        state.unmount();
        *state = new;
    }
}

impl AddAnyAttr for Made {
    type Output<SomeNewAttr: Attribute> = Self;

    fn add_any_attr<NewAttr: Attribute>(self, _attr: NewAttr) -> Self {
        self
    }
}

/// The page is never written as HTML nor taken over from it, so all that remains is to build it.
impl RenderHtml for Made {
    type AsyncOutput = Self;
    type Owned = Self;

    const MIN_LENGTH: usize = 0;

    fn dry_resolve(&mut self) {}

    async fn resolve(self) -> Self {
        self
    }

    fn to_html_with_buf(self, _: &mut String, _: &mut Position, _: bool, _: bool, _: Vec<AnyAttribute>) {}

    fn hydrate<const FROM_SERVER: bool>(self, _: &Cursor, _: &PositionState) -> Standing {
        self.build()
    }

    fn into_owned(self) -> Self {
        self
    }
}
