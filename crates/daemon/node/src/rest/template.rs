//! Path templates of `google.api.http`: `/cosmos/bank/v1beta1/balances/{address}`, `/x/{denom=**}`.

use std::cmp::Reverse;

/// One part of a path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Segment {
    Literal(String),
    /// Any one part, bound to the field path when it has a name.
    One(Option<String>),
    /// All parts from here on, slashes included.
    Rest(Option<String>),
}

/// A parsed template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template(Vec<Segment>);

/// Field path and text of a variable.
pub type Variables = Vec<(String, String)>;

impl Template {
    /// Nothing for a form that is not understood: a verb, or a variable over several parts.
    pub fn parse(text: &str) -> Option<Self> {
        let parts = text.strip_prefix('/')?.split('/').collect::<Vec<_>>();
        let last = parts.len() - 1;
        let mut segments = Vec::with_capacity(parts.len());
        for (index, part) in parts.into_iter().enumerate() {
            let (name, pattern) = match part.strip_prefix('{').and_then(|inner| inner.strip_suffix('}')) {
                Some(inner) => match inner.split_once('=') {
                    Some((name, pattern)) => (Some(name.to_owned()), pattern),
                    None => (Some(inner.to_owned()), "*"),
                },
                None => (None, part),
            };
            segments.push(match pattern {
                "*" => Segment::One(name),
                "**" if index == last => Segment::Rest(name),
                literal if name.is_none() && !literal.contains(['{', '}', ':', '*']) => {
                    Segment::Literal(literal.to_owned())
                }
                _ => return None,
            });
        }
        Some(Self(segments))
    }

    /// What the template's variables are in a path, or nothing when it does not match.
    pub fn matches(&self, path: &[&str]) -> Option<Variables> {
        let mut variables = Vec::new();
        let mut parts = path.iter();
        for segment in &self.0 {
            match segment {
                Segment::Literal(literal) => {
                    if percent_decode(parts.next()?).as_ref() != Some(literal) {
                        return None;
                    }
                }
                Segment::One(name) => {
                    let text = parts.next().filter(|part| !part.is_empty())?;
                    let text = percent_decode(text)?;
                    variables.extend(name.clone().map(|name| (name, text)));
                }
                Segment::Rest(name) => {
                    let rest: Vec<&str> = parts.by_ref().copied().collect();
                    if rest.is_empty() || rest == [""] {
                        return None;
                    }
                    let text = percent_decode(&rest.join("/"))?;
                    variables.extend(name.clone().map(|name| (name, text)));
                }
            }
        }
        parts.next().is_none().then_some(variables)
    }

    /// Orders templates so that the first that matches is the most exact.
    pub fn rank(&self) -> impl Ord + use<> {
        let kind = |segment: &Segment| match segment {
            Segment::Literal(_) => 2,
            Segment::One(_) => 1,
            Segment::Rest(_) => 0,
        };
        Reverse(self.0.iter().map(kind).collect::<Vec<u8>>())
    }

    /// The names of the variables.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|segment| match segment {
            Segment::One(name) | Segment::Rest(name) => name.as_deref(),
            Segment::Literal(_) => None,
        })
    }

    /// As OpenAPI writes it.
    pub fn to_openapi(&self) -> String {
        let part = |segment: &Segment| match segment {
            Segment::Literal(literal) => literal.clone(),
            Segment::One(name) | Segment::Rest(name) => format!("{{{}}}", name.as_deref().unwrap_or("part")),
        };
        format!("/{}", self.0.iter().map(part).collect::<Vec<_>>().join("/"))
    }
}

/// Nothing when the bytes are no UTF-8.
pub fn percent_decode(text: &str) -> Option<String> {
    decode(text, false)
}

/// As in a query, where `+` stands for a space.
pub fn form_decode(text: &str) -> Option<String> {
    decode(text, true)
}

fn decode(text: &str, plus_is_space: bool) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let escaped = tail.get(..2).filter(|_| *first == b'%').and_then(|digits| hex::decode(digits).ok());
        rest = if escaped.is_some() { &tail[2..] } else { tail };
        match escaped {
            Some(byte) => bytes.extend(byte),
            None if *first == b'+' && plus_is_space => bytes.push(b' '),
            None => bytes.push(*first),
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(template: &str, path: &str) -> Option<String> {
        let parts: Vec<_> = path.strip_prefix('/').unwrap().split('/').collect();
        let found = Template::parse(template).unwrap().matches(&parts)?;
        Some(found.into_iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn variables_take_their_parts() {
        let cases = [
            ("/a/{b}/c", "/a/x/c", Some("b=x")),
            ("/a/{b}/c", "/a//c", None),
            ("/a/{b}/c", "/a/x", None),
            ("/a/{b}/c", "/a/x/c/", None),
            ("/a/{b.c}", "/a/x%2Fy+z", Some("b.c=x/y+z")),
            ("/a/{b=**}", "/a/ibc/27%20x", Some("b=ibc/27 x")),
            ("/a/{b=**}", "/a", None),
            ("/a/{b=**}", "/a/", None),
            ("/a", "/a", Some("")),
            ("/a/{b}", "/a/%ff", None),
        ];
        for (template, path, expected) in cases {
            assert_eq!(variables(template, path).as_deref(), expected, "{template} {path}");
        }
    }

    #[test]
    fn forms_that_are_not_understood_are_refused() {
        for text in ["a", "/a:verb", "/a/{b=c/*}", "/{b=**}/c", "/a/{b"] {
            assert_eq!(Template::parse(text), None, "{text}");
        }
    }

    #[test]
    fn exact_templates_come_first() {
        let rank = |text| Template::parse(text).unwrap().rank();
        assert!(rank("/a/b") < rank("/a/{b}"));
        assert!(rank("/a/{b}") < rank("/a/{b=**}"));
    }
}
