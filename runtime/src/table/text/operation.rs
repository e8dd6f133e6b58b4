//! The statements that only operations have.

use super::fields::Fields;
use super::{at, keep, statements, ty};
use crate::release::Releases;
use crate::table::{
    ErrorTable, Method, OperationTable, Privileges, RestBody, RestRoute, Route, StructureTable, Table, Ty,
};

/// What was read of an operation so far.
struct Statements {
    named: &'static [Ty],
    name: (&'static str, &'static str),
    releases: Releases,
    input: Fields,
    output: Ty,
    privileges: Vec<Privileges>,
    errors: Vec<ErrorTable>,
    routes: Vec<Route>,
    rest: Option<RestRoute>,
    headers: Vec<(&'static str, u16)>,
    xml: [&'static str; 3],
}

impl Table for OperationTable {
    fn read(text: &'static str, named: &'static [Ty]) -> Result<OperationTable, String> {
        let mut read = Statements {
            named,
            name: ("", ""),
            releases: Releases::ALL,
            input: Fields::new(named),
            output: Ty::Void,
            privileges: Vec::new(),
            errors: Vec::new(),
            routes: Vec::new(),
            rest: None,
            headers: Vec::new(),
            xml: [""; 3],
        };
        for line in statements(text) {
            read.take(line).map_err(|wrong| at(line, &wrong))?;
        }
        let (name, service) = read.name;
        read.finish().map_err(|wrong| format!("{wrong} ({service}.{name})"))
    }
}

impl Statements {
    fn take(&mut self, line: &'static str) -> Result<(), String> {
        let (key, rest) = line.split_once(' ').unwrap_or((line, ""));
        match key {
            "operation" => self.name = rest.split_once(' ').ok_or("an operation has a name and a service")?,
            "since" => self.releases = releases(rest)?,
            "result" => self.output = ty::read(rest, self.named)?,
            "error" => self.errors.push(self.error(rest)?),
            "privileges" => self.privileges.push(privileges(rest)?),
            "page" => self.routes.push(self.route(rest, "~action=")?),
            "xml" => self.xml = words(rest)?,
            "rest" => {
                let (status, line) = rest.split_once(' ').ok_or("there is no request line")?;
                let (status, route) = (number(status)?, self.route(line, "action=")?);
                let path = route.path.strip_prefix("/api").ok_or("its path begins with /api")?;
                let route = Route { path, ..route };
                self.rest = Some(RestRoute { route, status, query: &[], body: RestBody::None, headers: &[] });
            }
            "query" | "body" | "members" | "header" => self.place(key, rest)?,
            _ if self.input.take(line)? => {}
            _ => return Err("no statement of an operation".to_owned()),
        }
        Ok(())
    }

    /// Where parameters stand below `/api`.
    fn place(&mut self, key: &str, rest: &'static str) -> Result<(), String> {
        let route = self.rest.as_mut().ok_or("`rest` comes first")?;
        match key {
            "query" => route.query = keep(self.input.numbers(rest)?),
            "body" => route.body = RestBody::Whole(self.input.number(rest)?),
            "members" => route.body = RestBody::Fields(keep(self.input.numbers(rest)?)),
            _ => {
                let (header, parameter) =
                    rest.split_once(' ').ok_or("a header has a name and a parameter")?;
                self.headers.push((header, self.input.number(parameter)?));
            }
        }
        Ok(())
    }

    /// `404 NAME`, `400 500 NAME`.
    fn error(&self, text: &str) -> Result<ErrorTable, String> {
        let (statuses, name) = text.rsplit_once(' ').ok_or("an error has a status and a name")?;
        let (status, rest_status) = statuses.split_once(' ').unwrap_or((statuses, statuses));
        let Ty::Structure(payload) = ty::read(name, self.named)? else {
            return Err(format!("{name} is not a structure"));
        };
        let payload: &'static StructureTable = payload;
        Ok(ErrorTable {
            id: payload.name,
            status: number(status)?,
            rest_status: number(rest_status)?,
            payload,
        })
    }

    /// `POST /cis/tagging/tag/{tag_id}?action=attach`; `action_key` is what comes before the action.
    fn route(&self, line: &'static str, action_key: &str) -> Result<Route, String> {
        let (method, uri) = line.split_once(' ').ok_or("a request line has a method and a path")?;
        let (path, query) = uri.split_once('?').map_or((uri, None), |(path, query)| (path, Some(query)));
        let action = match query.map(|query| query.strip_prefix(action_key)) {
            Some(None) => return Err(format!("what follows the path is not {action_key}")),
            Some(action) => action,
            None => None,
        };
        let method = method.parse().ok().as_ref().and_then(Method::of);
        let method = method.ok_or("the API does not use this method")?;
        let variables =
            path.split('{').skip(1).map(|rest| rest.split_once('}').map_or(rest, |(name, _)| name));
        let path_params = variables.map(|name| self.input.number(name)).collect::<Result<_, _>>()?;
        Ok(Route { method, path, path_params: keep(path_params), action })
    }

    fn finish(self) -> Result<OperationTable, String> {
        let (name, service) = self.name;
        let [xml_namespace, xml_input, xml_result] = self.xml;
        let rest = self.rest.map(|rest| RestRoute { headers: keep(self.headers), ..rest });
        let input = self.input.finish("operation-input")?;
        let source = input.source;
        Ok(OperationTable {
            service,
            name,
            releases: self.releases,
            input: Box::leak(Box::new(input)),
            output: self.output,
            privileges: keep(self.privileges),
            errors: keep(self.errors),
            routes: keep(self.routes),
            rest,
            xml_namespace,
            xml_input,
            xml_result,
            source,
        })
    }
}

/// `6.8`, `6.8 until 7.0`.
fn releases(text: &str) -> Result<Releases, String> {
    let release = |text: &str| text.parse().map_err(|wrong: crate::release::NotARelease| wrong.to_string());
    match text.split_once(" until ") {
        None => Ok(Releases::since(release(text)?)),
        Some((since, until)) => Ok(Releases::between(release(since)?, release(until)?)),
    }
}

/// `A B`, `A B on TYPE PATH`.
fn privileges(text: &'static str) -> Result<Privileges, String> {
    let (names, on) = match text.split_once(" on ") {
        None => (text, None),
        Some((names, on)) => (names, Some(on.split_once(' ').ok_or("there is no path to the resource")?)),
    };
    Ok(Privileges { names: keep(names.split(' ').collect()), on })
}

fn number(text: &str) -> Result<u16, String> {
    text.parse().map_err(|_| format!("{text} is not a status"))
}

fn words<const N: usize>(text: &'static str) -> Result<[&'static str; N], String> {
    let words: Vec<&'static str> = text.split(' ').collect();
    words.try_into().map_err(|_| format!("{N} words are expected"))
}
