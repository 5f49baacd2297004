//! The files of the workspace as the page holds them, and the samples that are being read.

use std::sync::Arc;

/// Names a file for as long as it is open, whatever its path becomes.
pub(crate) type Key = u32;

/// What a file holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    /// Text that is edited here.
    Text(Arc<str>),
    /// Samples that only the engine has read.
    Attachment {
        /// Their length.
        bytes: u64,
        /// The series in them.
        series: u32,
        /// Their first lines.
        head: Arc<str>,
    },
}

/// One file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OpenFile {
    pub(crate) key: Key,
    pub(crate) path: String,
    pub(crate) content: Content,
    /// Whether a person has changed or brought it.
    pub(crate) own: bool,
}

/// The files, in the order of their tabs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Files {
    list: Vec<OpenFile>,
    next: Key,
}

impl Files {
    /// The files, in the order of their tabs.
    pub(crate) fn list(&self) -> &[OpenFile] {
        &self.list
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The file of that name.
    pub(crate) fn at(&self, path: &str) -> Option<&OpenFile> {
        self.list.iter().find(|file| file.path == path)
    }

    /// The file.
    pub(crate) fn get(&self, key: Key) -> Option<&OpenFile> {
        self.list.iter().find(|file| file.key == key)
    }

    /// Its text, where it has one.
    pub(crate) fn text(&self, key: Key) -> Option<&Arc<str>> {
        match &self.get(key)?.content {
            Content::Text(text) => Some(text),
            Content::Attachment { .. } => None,
        }
    }

    /// Whether anything would be lost with the page.
    pub(crate) fn any_own(&self) -> bool {
        self.list.iter().any(|file| file.own)
    }

    /// Adds a file, or gives the one at `path` a new content; either way it is a file with a key of its own,
    /// so that an editor never shows what it did not hold.
    pub(crate) fn put(&mut self, path: &str, content: Content, own: bool) -> Key {
        let key = self.next;
        self.next += 1;
        let file = OpenFile { key, path: path.to_owned(), content, own };
        match self.list.iter_mut().find(|file| file.path == path) {
            Some(place) => *place = file,
            None => self.list.push(file),
        }
        key
    }

    /// The editor of `key` holds another text. Answers whether it is another than before.
    pub(crate) fn edit(&mut self, key: Key, text: &Arc<str>) -> bool {
        let Some(file) = self.list.iter_mut().find(|file| file.key == key) else { return false };
        match &mut file.content {
            Content::Text(old) if old != text => {
                *old = Arc::clone(text);
                file.own = true;
                true
            }
            _ => false,
        }
    }

    /// Takes a file away; answers it and the one whose tab stands in its place.
    pub(crate) fn remove(&mut self, key: Key) -> Option<(OpenFile, Option<Key>)> {
        let at = self.list.iter().position(|file| file.key == key)?;
        let gone = self.list.remove(at);
        let beside = self.list.get(at).or(self.list.last()).map(|file| file.key);
        Some((gone, beside))
    }

    /// Gives a file another path. Answers the old one.
    pub(crate) fn rename(&mut self, key: Key, path: &str) -> Option<String> {
        let file = self.list.iter_mut().find(|file| file.key == key)?;
        file.own = true;
        Some(std::mem::replace(&mut file.path, path.to_owned()))
    }

    /// Forgets all, without giving a key twice.
    pub(crate) fn clear(&mut self) {
        self.list.clear();
    }
}

/// Samples on their way into the engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Load {
    pub(crate) path: String,
    pub(crate) bytes: u64,
    pub(crate) done: u64,
    pub(crate) series: u32,
    /// It lasts long enough to be worth showing.
    pub(crate) slow: bool,
}

/// All samples on their way, the oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Loads {
    list: Vec<Load>,
}

impl Loads {
    /// Those on their way.
    pub(crate) fn list(&self) -> &[Load] {
        &self.list
    }

    /// Those that last, for all to see.
    pub(crate) fn slow(&self) -> impl Iterator<Item = &Load> {
        self.list.iter().filter(|load| load.slow)
    }

    /// One begins; it takes the place of another for the same path.
    pub(crate) fn begin(&mut self, path: &str, bytes: u64) {
        self.list.retain(|load| load.path != path);
        self.list.push(Load { path: path.to_owned(), bytes, done: 0, series: 0, slow: false });
    }

    /// Some time has passed.
    pub(crate) fn lasts(&mut self, path: &str) {
        self.list.iter_mut().filter(|load| load.path == path).for_each(|load| load.slow = true);
    }

    /// How far it is.
    pub(crate) fn progress(&mut self, path: &str, done: u64, series: u32) {
        if let Some(load) = self.list.iter_mut().find(|load| load.path == path) {
            load.done = done.min(load.bytes);
            load.series = series;
        }
    }

    /// It has ended, however.
    pub(crate) fn end(&mut self, path: &str) {
        self.list.retain(|load| load.path != path);
    }

    /// None is on its way any more.
    pub(crate) fn clear(&mut self) {
        self.list.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Content {
        Content::Text(text.into())
    }

    #[test]
    fn a_replaced_file_has_a_new_key_and_the_old_place() {
        let mut files = Files::default();
        let a = files.put("a", text("1"), false);
        let b = files.put("b", text("2"), false);
        let again = files.put("a", text("3"), true);
        assert_ne!(a, again);
        assert!(files.get(a).is_none());
        let order: Vec<_> = files.list().iter().map(|file| file.key).collect();
        assert_eq!(order, [again, b]);
        files.clear();
        assert!(files.put("a", text(""), false) > again);
    }

    #[test]
    fn edits_are_told_from_echoes() {
        let mut files = Files::default();
        let key = files.put("a", text("1"), false);
        assert!(!files.edit(key, &"1".into()));
        assert!(!files.any_own());
        assert!(files.edit(key, &"2".into()));
        assert!(files.any_own());
        assert_eq!(files.text(key).map(AsRef::as_ref), Some("2"));
        assert!(!files.edit(key + 1, &"3".into()));
    }

    #[test]
    fn the_tab_beside_takes_over() {
        let mut files = Files::default();
        let keys: Vec<_> = ["a", "b", "c"].iter().map(|path| files.put(path, text(""), false)).collect();
        assert_eq!(files.remove(keys[1]).expect("a file").1, Some(keys[2]));
        assert_eq!(files.remove(keys[2]).expect("a file").1, Some(keys[0]));
        assert_eq!(files.remove(keys[0]).expect("a file").1, None);
        assert!(files.remove(keys[0]).is_none());
    }

    #[test]
    fn a_newer_load_replaces_an_older() {
        let mut loads = Loads::default();
        loads.begin("a", 100);
        loads.progress("a", 50, 7);
        loads.begin("a", 10);
        assert_eq!(loads.list().len(), 1);
        assert_eq!(loads.list()[0].done, 0);
        loads.progress("a", 99, 1);
        assert_eq!(loads.list()[0].done, 10);
        assert_eq!(loads.slow().count(), 0);
        loads.lasts("a");
        assert_eq!(loads.slow().count(), 1);
        loads.end("a");
        assert!(loads.list().is_empty());
    }
}
