//! The rows of a list in a JSON answer, cut out of it while it arrives, so that a long listing is never in memory whole.
//!
//! Only texts, escapes and brackets are followed. What is cut out are runs of whole rows, each a JSON list of its own; what
//! stays is the answer with that list empty. Nothing is lost or mended on the way: the answer is good JSON exactly where
//! all the runs and the rest are.

/// Where a list stands in an answer: the names of the members that lead to it, from the outermost object on.
pub(crate) type Path = &'static [&'static str];

/// A place in an answer: how many lines end before it, and how many bytes stand before it on its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    line: usize,
    column: usize,
}

impl Place {
    #[expect(clippy::naive_bytecount, reason = "lines are few, and mostly there is one")]
    fn advance(&mut self, text: &[u8]) {
        // Most answers are one line.
        if !text.contains(&b'\n') {
            self.column += text.len();
            return;
        }
        self.line += text.iter().filter(|byte| **byte == b'\n').count();
        self.column = text.iter().rev().take_while(|byte| **byte != b'\n').count();
    }

    /// Where a place stands that is `line` and `column` of a text which begins here, both as a parser counts them: lines
    /// from 1, and bytes read of the last one.
    fn then(self, line: usize, column: usize) -> (usize, usize) {
        let column = if line == 1 { self.column + column } else { column };
        (self.line + line, column)
    }
}

/// A run of rows.
#[derive(Debug)]
pub(super) struct Run {
    /// One JSON list; broken where the answer is.
    pub(super) json: Vec<u8>,
    /// Where its first row's text begins in the answer.
    start: Place,
}

impl Run {
    fn begin(start: Place) -> Self {
        Self { json: vec![b'['], start }
    }

    /// Where in the answer a line and a column of this run's JSON are.
    pub(super) fn place(&self, line: usize, column: usize) -> (usize, usize) {
        // The bracket that opens the run isn't the answer's.
        let column = if line == 1 { column.saturating_sub(1) } else { column };
        self.start.then(line, column)
    }

    fn is_blank(&self) -> bool {
        self.json.iter().skip(1).all(u8::is_ascii_whitespace)
    }
}

/// What is left of an answer whose rows are cut out.
#[derive(Debug, Default)]
pub(super) struct Rest {
    /// The answer with the list empty.
    pub(super) json: Vec<u8>,
    /// Where the rows were: the place in what is left, and the one in the answer at which it goes on.
    cut: Option<(Place, Place)>,
    /// Where the answer has a comma behind its last row.
    pub(super) trailing_comma: Option<(usize, usize)>,
}

impl Rest {
    /// Where in the answer a line and a column of what is left are.
    pub(super) fn place(&self, line: usize, column: usize) -> (usize, usize) {
        match self.cut {
            Some((rest, whole)) if (line, column) > (rest.line + 1, rest.column) => {
                let column = if line == rest.line + 1 { column - rest.column } else { column };
                whole.then(line - rest.line, column)
            }
            _ => (line, column),
        }
    }
}

/// Cuts rows out of an answer that comes piece by piece.
pub(super) struct Splitter {
    /// From how many bytes on a run is given out.
    enough: usize,
    part: Part,
    text: Text,
    around: Around,
    /// How many brackets are open within the row.
    nested: usize,
    run: Run,
    /// Whether a run was given out already, so that a comma stands before this one.
    has_runs: bool,
    here: Place,
    rest_here: Place,
    rest: Rest,
}

/// Which part of the answer the next byte belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    /// Blanks or a byte order mark, which no place counts.
    Before,
    Around,
    Rows,
    /// Behind the list, or in an answer that is no object: nothing is cut out of it.
    Rest,
    /// Behind a row that can't be one, as its reader will say.
    Broken,
}

/// Whether the next byte belongs to a text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Text {
    Outside,
    Inside,
    /// Behind a backslash.
    Escaped,
}

impl Text {
    /// What follows this byte.
    fn after(self, byte: u8) -> Self {
        match (self, byte) {
            (Self::Outside, b'"') | (Self::Escaped, _) => Self::Inside,
            (Self::Outside, _) | (Self::Inside, b'"') => Self::Outside,
            (Self::Inside, b'\\') => Self::Escaped,
            (Self::Inside, _) => Self::Inside,
        }
    }
}

/// What ends a stretch of rows.
enum End {
    Piece,
    /// A comma between two rows, at which enough has come.
    Comma,
    /// The list's closing bracket.
    List,
    /// A brace that closes nothing.
    Stray,
}

impl Splitter {
    /// Cuts out the list that stands at `path`, in runs of at least `enough` bytes.
    pub(super) fn new(path: Path, enough: usize) -> Self {
        Self {
            enough,
            part: Part::Before,
            text: Text::Outside,
            around: Around::new(path),
            nested: 0,
            run: Run::begin(Place::default()),
            has_runs: false,
            here: Place::default(),
            rest_here: Place::default(),
            rest: Rest::default(),
        }
    }

    /// Takes the next piece of the answer in; gives each run of rows to `give` as soon as it is whole.
    pub(super) fn feed(&mut self, mut piece: &[u8], mut give: impl FnMut(Run)) {
        while !piece.is_empty() {
            let taken = match self.part {
                Part::Before => self.before(piece),
                Part::Around => self.around(piece),
                Part::Rows => self.rows(piece, &mut give),
                Part::Rest => self.keep(piece),
                Part::Broken => return,
            };
            piece = piece.get(taken..).unwrap_or_default();
        }
    }

    /// What is left of the answer. Rows that it broke off in are given out as they are.
    pub(super) fn finish(self, give: impl FnOnce(Run)) -> Rest {
        if self.part == Part::Rows {
            give(self.run);
        }
        self.rest
    }

    fn before(&mut self, piece: &[u8]) -> usize {
        let is_before = |byte: &u8| byte.is_ascii_whitespace() || b"\xef\xbb\xbf".contains(byte);
        let blank = piece.iter().position(|byte| !is_before(byte)).unwrap_or(piece.len());
        let (blanks, more) = piece.split_at(blank);
        self.rest.json.extend_from_slice(blanks);
        match more.first() {
            None => {}
            Some(b'{') => self.part = Part::Around,
            Some(_) => self.part = Part::Rest,
        }
        blank
    }

    fn around(&mut self, piece: &[u8]) -> usize {
        for (at, byte) in piece.iter().enumerate() {
            let text = self.text;
            self.text = text.after(*byte);
            if self.around.step(text, *byte) {
                let taken = self.keep(piece.get(..=at).unwrap_or(piece));
                self.part = Part::Rows;
                self.run = Run::begin(self.here);
                return taken;
            }
        }
        self.keep(piece)
    }

    fn keep(&mut self, text: &[u8]) -> usize {
        self.here.advance(text);
        self.rest_here.advance(text);
        self.rest.json.extend_from_slice(text);
        text.len()
    }

    fn rows(&mut self, piece: &[u8], give: &mut impl FnMut(Run)) -> usize {
        let (rows, end) = self.stretch(piece);
        let (rows, more) = piece.split_at(rows);
        self.run.json.extend_from_slice(rows);
        self.here.advance(rows);
        let Some(ended) = more.get(..1) else { return rows.len() };
        match end {
            End::List => self.end(give),
            End::Stray => {
                self.give(b'}', give);
                self.part = Part::Broken;
            }
            // What stands before the first comma is nothing: the run's reader shall say so.
            End::Comma if self.run.is_blank() => {
                self.run.json.push(b',');
                self.here.advance(ended);
            }
            End::Comma => {
                self.give(b']', give);
                self.here.advance(ended);
                self.run.start = self.here;
            }
            End::Piece => {}
        }
        rows.len() + ended.len()
    }

    /// How much of a piece belongs to the run, and what comes behind that.
    fn stretch(&mut self, piece: &[u8]) -> (usize, End) {
        let room = self.enough.saturating_sub(self.run.json.len());
        let (mut text, mut nested) = (self.text, self.nested);
        let mut bytes = piece.iter().enumerate();
        let end = loop {
            if text == Text::Inside {
                // Most of an answer is texts.
                match bytes.find(|(_, byte)| matches!(byte, b'"' | b'\\')) {
                    None => break None,
                    Some((_, byte)) => text = text.after(*byte),
                }
                continue;
            }
            let Some((at, byte)) = bytes.next() else { break None };
            match (text, byte) {
                (Text::Outside, b'{' | b'[') => nested += 1,
                (Text::Outside, b'}' | b']') if nested > 0 => nested -= 1,
                (Text::Outside, b'}') => break Some((at, End::Stray)),
                (Text::Outside, b']') => break Some((at, End::List)),
                (Text::Outside, b',') if nested == 0 && at >= room => break Some((at, End::Comma)),
                _ => text = text.after(*byte),
            }
        };
        (self.text, self.nested) = (text, nested);
        end.unwrap_or((piece.len(), End::Piece))
    }

    /// Gives out the run, ended like this.
    fn give(&mut self, last: u8, give: &mut impl FnMut(Run)) {
        let mut run = std::mem::replace(&mut self.run, Run::begin(self.here));
        run.json.push(last);
        self.has_runs = true;
        give(run);
    }

    fn end(&mut self, give: &mut impl FnMut(Run)) {
        self.part = Part::Rest;
        self.rest.cut = Some((self.rest_here, self.here));
        if !self.run.is_blank() {
            self.give(b']', give);
        } else if self.has_runs {
            self.rest.trailing_comma = Some(self.here.then(1, 1));
        }
        self.keep(b"]");
    }
}

/// The way to the list: which of the path's members the next byte is within.
struct Around {
    path: Path,
    /// How many brackets are open.
    depth: usize,
    /// How many of the path's members are open.
    within: usize,
    /// Whether the next text is a name.
    expects_name: bool,
    /// The name that is being read, up to where it can't be the one any more.
    name: Option<Vec<u8>>,
    /// Whether the member that is being read is the path's next one.
    is_wanted: bool,
}

impl Around {
    fn new(path: Path) -> Self {
        Self { path, depth: 0, within: 0, expects_name: false, name: None, is_wanted: false }
    }

    /// Whether members of this object are looked at.
    fn is_on_path(&self) -> bool {
        self.depth == self.within + 1
    }

    /// Takes a byte; tells whether it opens the list.
    fn step(&mut self, text: Text, byte: u8) -> bool {
        if text == Text::Outside {
            return self.outside(byte);
        }
        if text == Text::Inside && byte == b'"' {
            let wanted = self.path.get(self.within).map(|name| name.as_bytes());
            if let Some(name) = self.name.take() {
                self.is_wanted = wanted == Some(&name);
            }
        } else if let Some(name) = self.name.as_mut().filter(|name| name.len() < 64) {
            name.push(byte);
        }
        false
    }

    fn outside(&mut self, byte: u8) -> bool {
        match byte {
            b'"' if self.is_on_path() && self.expects_name => {
                self.expects_name = false;
                self.name = Some(Vec::new());
            }
            b',' if self.is_on_path() => (self.expects_name, self.is_wanted) = (true, false),
            b'{' | b'[' => return self.open(byte),
            b'}' | b']' => self.close(),
            _ => {}
        }
        false
    }

    fn open(&mut self, byte: u8) -> bool {
        let is_wanted = self.is_wanted && self.is_on_path();
        let is_last = self.within + 1 == self.path.len();
        if is_wanted && is_last && byte == b'[' {
            return true;
        }
        let is_first = self.depth == 0;
        self.depth += 1;
        if is_wanted && !is_last && byte == b'{' {
            self.within += 1;
        }
        if is_first || is_wanted && self.is_on_path() {
            (self.expects_name, self.is_wanted) = (true, false);
        }
        false
    }

    fn close(&mut self) {
        self.depth = self.depth.saturating_sub(1);
        if self.depth <= self.within {
            self.within = self.depth.saturating_sub(1);
            (self.expects_name, self.is_wanted) = (false, false);
        }
    }
}

#[cfg(test)]
#[path = "rows_tests.rs"]
mod tests;
