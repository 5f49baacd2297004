//! promtier's page.

mod browser;

use leptos::prelude::*;

#[component]
fn App() -> impl IntoView {
    let version = RwSignal::new(None);
    let engine = browser::engine::Engine::take(move |answer| version.set(Some(answer)));
    engine.send("version");
    view! {
        <main data-engine=move || if version.get().is_some() { "ready" } else { "starting" }>
            <h1>"promtier"</h1>
            <p role="status">
                {move || version.get().map(|version| format!("The engine answers as Prometheus {version}."))}
            </p>
        </main>
    }
}

fn main() {
    console_error_panic_hook::set_once();
    mount_to_body(App);
}
