//! promtier's page.

mod app;
mod browser;
mod components;
mod page;
mod state;

fn main() {
    browser::dom::say_panics();
    leptos::mount::mount_to_body(app::App);
}
