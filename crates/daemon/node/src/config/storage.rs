use super::section;

section! {
    /// What is kept on disk.
    pub struct Storage in "storage" {
    }
}
