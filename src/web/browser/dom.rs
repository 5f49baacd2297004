//! Elements, where the framework does not reach.

use wasm_bindgen::prelude::*;
use web_sys::{
    Document, DragEvent, Element, Event, FocusOptions, HtmlDialogElement, HtmlDocument, HtmlElement,
    HtmlInputElement, HtmlSelectElement, HtmlTextAreaElement, PointerEvent, ResizeObserver,
};

fn document() -> Option<Document> {
    web_sys::window()?.document()
}

/// The content of a `meta` of that name.
pub(crate) fn meta(name: &str) -> Option<String> {
    document()?.query_selector(&["meta[name=", name, "]"].concat()).ok()??.get_attribute("content")
}

/// Sets an attribute of the root element, or takes it away.
pub(crate) fn set_root_attribute(name: &str, value: Option<&str>) {
    let Some(root) = document().and_then(|document| document.document_element()) else { return };
    // Both names are valid, so neither can fail.
    let _ = match value {
        Some(value) => root.set_attribute(name, value),
        None => root.remove_attribute(name),
    };
}

/// The window's width in CSS pixels.
pub(crate) fn window_width() -> f64 {
    web_sys::window().and_then(|window| window.inner_width().ok()?.as_f64()).unwrap_or_default()
}

/// Watches the size of an element for as long as this is kept.
pub(crate) struct SizeWatch {
    observer: ResizeObserver,
    _callback: Closure<dyn FnMut()>,
}

impl SizeWatch {
    /// Calls `changed` at first and whenever the element has another size.
    pub(crate) fn new(element: &Element, mut changed: impl FnMut(&Element) + 'static) -> Option<Self> {
        let watched = element.clone();
        let callback = Closure::<dyn FnMut()>::new(move || changed(&watched));
        let observer = ResizeObserver::new(callback.as_ref().unchecked_ref()).ok()?;
        observer.observe(element);
        Some(Self { observer, _callback: callback })
    }
}

impl Drop for SizeWatch {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}

/// Calls `moved` with the `data-key` of a text area and the place of the cursor in it, in UTF-16 code units,
/// whenever that moves. Holds for the life of the page.
pub(crate) fn watch_cursor(moved: impl Fn(u32, u32) + 'static) {
    let Some(document) = document() else { return };
    let callback = Closure::<dyn FnMut()>::new({
        let document = document.clone();
        move || {
            let Some(active) = document.active_element() else { return };
            let Ok(area) = active.dyn_into::<HtmlTextAreaElement>() else { return };
            let key = area.get_attribute("data-key").and_then(|key| key.parse().ok());
            if let (Some(key), Ok(Some(at))) = (key, area.selection_start()) {
                moved(key, at);
            }
        }
    });
    // Adding a listener fails only on a signal that this does not use.
    let _ = document.add_event_listener_with_callback("selectionchange", callback.as_ref().unchecked_ref());
    callback.forget();
}

/// Selects from `start` to `end` and takes the keys, without scrolling.
pub(crate) fn select(area: &HtmlTextAreaElement, start: u32, end: u32) {
    focus(area);
    // Fails only on elements that hold no text.
    let _ = area.set_selection_range(start, end);
}

/// The cursor of a text area.
pub(crate) fn cursor(area: &HtmlTextAreaElement) -> u32 {
    area.selection_end().ok().flatten().unwrap_or_default()
}

/// Replaces what is selected the way typing does, so that the browser's own undo takes it back.
pub(crate) fn type_text(area: &HtmlTextAreaElement, text: &str) {
    focus(area);
    let command = if text.is_empty() { "delete" } else { "insertText" };
    let typed = document()
        .and_then(|document| document.dyn_into::<HtmlDocument>().ok())
        .and_then(|document| document.exec_command_with_show_ui_and_value(command, false, text).ok())
        .unwrap_or(false);
    if !typed {
        // A browser that has dropped the command still takes the change, without undo.
        let (start, end) = (cursor_start(area), cursor(area));
        let _ = area.set_range_text_with_start_and_end(text, start, end);
        let at = start + text.encode_utf16().count() as u32;
        let _ = area.set_selection_range(at, at);
        if let Ok(event) = Event::new("input") {
            let _ = area.dispatch_event(&event);
        }
    }
}

fn cursor_start(area: &HtmlTextAreaElement) -> u32 {
    area.selection_start().ok().flatten().unwrap_or_default()
}

/// Takes the keys without scrolling.
pub(crate) fn focus(element: &HtmlElement) {
    let options = FocusOptions::new();
    options.set_prevent_scroll(true);
    let _ = element.focus_with_options(&options);
}

/// Takes the keys to the element of that id.
pub(crate) fn focus_id(id: &str) {
    if let Some(element) = document().and_then(|document| document.get_element_by_id(id))
        && let Ok(element) = element.dyn_into::<HtmlElement>()
    {
        let _ = element.focus();
    }
}

/// Brings the element of that id into view within its scrolling parents.
pub(crate) fn reveal_id(id: &str) {
    if let Some(element) = document().and_then(|document| document.get_element_by_id(id)) {
        let options = web_sys::ScrollIntoViewOptions::new();
        options.set_block(web_sys::ScrollLogicalPosition::Nearest);
        options.set_inline(web_sys::ScrollLogicalPosition::Nearest);
        element.scroll_into_view_with_scroll_into_view_options(&options);
    }
}

/// Opens a dialog over the page, or closes it.
pub(crate) fn set_dialog_open(dialog: &HtmlDialogElement, open: bool) {
    if open && !dialog.open() {
        // Fails only on a dialog that is open or not in the page.
        let _ = dialog.show_modal();
    } else if !open && dialog.open() {
        dialog.close();
    }
}

/// The value of the select that an event came from.
pub(crate) fn selected(event: &Event) -> String {
    event
        .target()
        .and_then(|target| target.dyn_into::<HtmlSelectElement>().ok())
        .map(|select| select.value())
        .unwrap_or_default()
}

/// Clicks an input for the person: a file chooser opens from a button that looks as others do.
pub(crate) fn click(input: &HtmlInputElement) {
    input.click();
}

/// From now on the element hears of the pointer even where it leaves it.
pub(crate) fn capture_pointer(event: &PointerEvent) {
    if let Some(element) = event.target().and_then(|target| target.dyn_into::<Element>().ok()) {
        let _ = element.set_pointer_capture(event.pointer_id());
    }
}

/// Whether the element holds the pointer.
pub(crate) fn has_pointer(event: &PointerEvent) -> bool {
    event
        .target()
        .and_then(|target| target.dyn_into::<Element>().ok())
        .is_some_and(|element| element.has_pointer_capture(event.pointer_id()))
}

/// The `data-node` of what lies under a drag, or of what holds it.
pub(crate) fn node_under(event: &DragEvent) -> Option<String> {
    let element = event.target()?.dyn_into::<Element>().ok()?;
    element.closest("[data-node]").ok()??.get_attribute("data-node")
}

/// Whether a drag leaves the window rather than an element in it.
pub(crate) fn leaves_window(event: &DragEvent) -> bool {
    event.related_target().is_none()
}

/// From now on, a panic of the interface itself is said on the page: whoever typed can still copy the text.
pub(crate) fn say_panics() {
    std::panic::set_hook(Box::new(|panic| {
        console_error_panic_hook::hook(panic);
        let Some(document) = document() else { return };
        let (Some(body), Ok(bar)) = (document.body(), document.create_element("p")) else { return };
        bar.set_text_content(Some(
            "The page has stopped because of a fault of its own. Copy what you need from the editor, then reload.",
        ));
        bar.set_class_name("broken");
        // Attributes of a new element with valid names cannot fail to be set, nor the element to be added.
        let _ = bar.set_attribute("role", "alert");
        let _ = body.prepend_with_node_1(&bar);
    }));
}

/// The number in an attribute of what was clicked, or of what holds it.
pub(crate) fn data_under(event: &web_sys::MouseEvent, attribute: &str) -> Option<u32> {
    let element = event.target()?.dyn_into::<Element>().ok()?;
    element.closest(&["[", attribute, "]"].concat()).ok()??.get_attribute(attribute)?.parse().ok()
}
