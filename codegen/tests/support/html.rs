//! Just enough HTML for the tests of the reference pages: text as a browser would copy it, attributes, tag balance.

const VOID: [&str; 4] = ["meta", "br", "hr", "wbr"];
const BLOCKS: [&str; 25] = [
    "html", "head", "body", "nav", "main", "footer", "title", "style", "div", "p", "h1", "h2", "h3", "pre",
    "table", "thead", "tbody", "tr", "ul", "ol", "li", "br", "section", "header", "dl",
];

enum Piece<'a> {
    Open(&'a str),
    Close(&'a str),
    Text(&'a str),
}

/// The text: a block is a line, a cell ends with a blank, no-break spaces are blanks, `<pre>` keeps its lines.
pub(crate) fn text(html: &str) -> String {
    let mut lines = vec![String::new()];
    let mut pre = false;
    let mut hidden = false;
    for piece in pieces(html) {
        match piece {
            Piece::Open(tag) | Piece::Close(tag) => {
                let name = name(tag);
                if BLOCKS.contains(&name) {
                    lines.push(String::new());
                }
                let opens = matches!(piece, Piece::Open(_));
                if matches!(name, "td" | "th") && !opens {
                    push_collapsed(&mut lines, " ");
                }
                pre = if name == "pre" { opens } else { pre };
                hidden = if matches!(name, "style" | "title") { opens } else { hidden };
            }
            Piece::Text(_) if hidden => {}
            Piece::Text(text) if pre => {
                for (idx, line) in text.split('\n').enumerate() {
                    if idx > 0 {
                        lines.push(String::new());
                    }
                    lines.last_mut().unwrap().push_str(&unescaped(line));
                }
            }
            Piece::Text(text) => push_collapsed(&mut lines, &unescaped(text)),
        }
    }
    let kept = lines.iter().map(|line| line.trim_end_matches(' ').replace('\u{a0}', " "));
    kept.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

/// Every value of an attribute.
pub(crate) fn attributes(html: &str, attribute: &str) -> Vec<String> {
    let start = format!(" {attribute}=\"");
    html.split(&start).skip(1).map(|rest| unescaped(rest.split('"').next().unwrap())).collect()
}

/// The path a reference on `page` leads to.
pub(crate) fn resolved(page: &str, href: &str) -> String {
    let mut path: Vec<&str> = page.split('/').collect();
    path.pop();
    for part in href.split('/') {
        if part == ".." {
            path.pop().unwrap();
        } else {
            path.push(part);
        }
    }
    path.join("/")
}

/// Every tag is closed, in order; nothing but text and tags is left of a page.
pub(crate) fn check_tags(html: &str) -> Result<(), String> {
    let mut open = Vec::new();
    for piece in pieces(html) {
        match piece {
            Piece::Open(tag) if VOID.contains(&name(tag)) => {}
            Piece::Open(tag) => open.push(name(tag)),
            Piece::Close(tag) => match open.pop() {
                Some(last) if last == name(tag) => {}
                last => return Err(format!("</{tag}> closes {last:?}")),
            },
            Piece::Text(text) if text.contains('>') => return Err(format!("a stray > in `{text}`")),
            Piece::Text(_) => {}
        }
    }
    if open.is_empty() { Ok(()) } else { Err(format!("left open: {open:?}")) }
}

/// Without comments and the document type.
fn pieces(html: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        if start > 0 {
            pieces.push(Piece::Text(&rest[..start]));
        }
        let end = if rest[start..].starts_with("<!--") { "-->" } else { ">" };
        let length = rest[start..].find(end).unwrap();
        let tag = &rest[start + 1..start + length];
        match tag.strip_prefix('/') {
            Some(tag) => pieces.push(Piece::Close(tag)),
            None if tag.starts_with('!') => {}
            None => pieces.push(Piece::Open(tag)),
        }
        rest = &rest[start + length + end.len()..];
    }
    pieces
}

fn name(tag: &str) -> &str {
    tag.split([' ', '\n']).next().unwrap()
}

/// Adds text with runs of white space made one blank, none at the start of a line; a no-break space is none.
fn push_collapsed(lines: &mut [String], text: &str) {
    let line = lines.last_mut().unwrap();
    for c in text.chars() {
        if !c.is_ascii_whitespace() {
            line.push(c);
        } else if !line.is_empty() && !line.ends_with(' ') {
            line.push(' ');
        }
    }
}

fn unescaped(text: &str) -> String {
    [
        ("&nbsp;", "\u{a0}"),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&#60;", "<"),
        ("&#62;", ">"),
        ("&#38;", "&"),
        ("&amp;", "&"),
    ]
    .into_iter()
    .fold(text.to_owned(), |text, (entity, character)| text.replace(entity, character))
}
