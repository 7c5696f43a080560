//! One definition per setting: its name, type, default and meaning stand together.

use super::Setting;

/// What is known of a setting besides its value.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    pub section: &'static str,
    pub name: &'static str,
    /// The lines of its doc comment.
    pub meaning: &'static [&'static str],
}

impl Field {
    /// `section.name`, as a person writes it.
    pub fn key(&self) -> String {
        if self.section.is_empty() { self.name.to_owned() } else { format!("{}.{}", self.section, self.name) }
    }

    /// The environment variable that sets it.
    pub fn variable(&self) -> String {
        let name = if self.section == "client" { self.name.to_owned() } else { format!("node_{}", self.key()) };
        format!("akash_{}", name.replace('.', "_")).to_ascii_uppercase()
    }

    pub fn meaning(&self) -> String {
        self.meaning.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ")
    }
}

/// Sees every setting in the order of the file.
pub trait Visitor {
    fn section(&mut self, name: &'static str, meaning: &'static [&'static str]);
    fn field(&mut self, field: Field, value: &mut dyn Setting);
}

/// A table of the file.
pub trait Section {
    fn visit(&mut self, visitor: &mut dyn Visitor);
}

/// Defines a section. To add a setting, add a line with a doc comment (its meaning, and the unit where the type does
/// not say it): file, environment, flags and `akash config explain` follow.
macro_rules! section {
    (
        $(#[doc = $about:literal])*
        pub struct $name:ident in $section:literal {
            $( $(#[doc = $meaning:literal])* $field:ident: $kind:ty = $default:expr, )*
        }
    ) => {
        $(#[doc = $about])*
        #[derive(Clone, Debug, PartialEq)]
        pub struct $name {
            $( $(#[doc = $meaning])* pub $field: $kind, )*
        }

        impl Default for $name {
            fn default() -> Self {
                Self { $( $field: $default, )* }
            }
        }

        impl $crate::config::section::Section for $name {
            fn visit(&mut self, visitor: &mut dyn $crate::config::section::Visitor) {
                visitor.section($section, &[$($about),*]);
                $( visitor.field(
                    $crate::config::section::Field {
                        section: $section,
                        name: stringify!($field),
                        meaning: &[$($meaning),*],
                    },
                    &mut self.$field,
                ); )*
            }
        }
    };
}
pub(super) use section;
