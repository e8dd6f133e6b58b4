//! `explain`, `dump`, `coverage` and `sample`: what the generator knows, printed for people and programs.
//!
//! In: names as typed. Out: text on stdout and nothing else there, so that it can be piped; an unknown name is an error
//! that lists or suggests the known ones.

use anyhow::{Result, anyhow, bail};
use vapi_codegen::derive::as_of;
use vapi_codegen::derive::sample::Shape;
use vapi_codegen::derive::sample::http::{self, Representation};
use vapi_codegen::derive::sample::surfaces::{self, Surface};
use vapi_codegen::emit::coverage::emit_coverage;
use vapi_codegen::emit::dump::{dump_api, dump_ir, dump_plan};
use vapi_codegen::ir::{Api, Operation, Release, Service};
use vapi_codegen::{Code, syntax_dump};

use crate::console::{say, say_exactly};
use crate::generate;
use crate::suggest::did_you_mean;
use crate::workspace::Places;

/// Prints what a code means; without one, the codes.
pub(crate) fn explain(code: Option<&str>) -> Result<bool> {
    let line = |code: &Code| {
        let warning = if code.is_warning() { "warning: " } else { "" };
        format!("  {:<22} {warning}{}", code.as_str(), code.title())
    };
    let list = || Code::ALL.iter().map(line);
    let Some(code) = code else {
        list().for_each(say);
        return Ok(true);
    };
    match Code::parse(code) {
        Some(code) => say_exactly(code.explanation()),
        None => {
            let meant = did_you_mean(code, Code::ALL.iter().map(|code| code.as_str()));
            bail!("no code `{code}`{meant}\nThe codes:\n{}", list().collect::<Vec<_>>().join("\n"));
        }
    }
    Ok(true)
}

/// Prints the page on what stands behind each operation; false if the spec has mistakes.
pub(crate) fn coverage(places: &Places) -> Result<bool> {
    let Some(api) = generate::api(&generate::sources(places)?) else { return Ok(false) };
    say_exactly(&emit_coverage(&api).text);
    Ok(true)
}

/// Prints what a stage makes of the spec; false if the spec has mistakes.
pub(crate) fn dump(places: &Places, stage: &str, release: Option<&str>) -> Result<bool> {
    const STAGES: [&str; 4] = ["syntax", "ir", "plan", "api"];
    if !STAGES.contains(&stage) {
        bail!(
            "no stage `{stage}`{}; there are {}",
            did_you_mean(stage, STAGES.into_iter()),
            STAGES.join(", ")
        );
    }
    let release = release.map(parse_release).transpose()?;
    if release.is_some() && stage != "api" {
        bail!("`--release` goes with the stage api; the other stages show the spec as it is");
    }
    let sources = generate::sources(places)?;
    if stage == "syntax" {
        say_exactly(&syntax_dump(&sources));
        return Ok(true);
    }
    let Some(api) = generate::api(&sources) else { return Ok(false) };
    match stage {
        "ir" => say_exactly(&dump_ir(&api)),
        "plan" => match vapi_codegen::plan(&api, &sources) {
            Ok(plan) => say_exactly(&dump_plan(&api, &plan)),
            Err(diagnostics) => {
                generate::complain(&diagnostics, &sources);
                return Ok(false);
            }
        },
        _ => say_exactly(&dump_api(&release.map_or_else(|| api.clone(), |release| as_of(&api, &release)))),
    }
    Ok(true)
}

fn find_surface(name: &str) -> Result<Surface> {
    let names = Surface::NAMES.map(|(name, _)| name);
    let found = Surface::NAMES.into_iter().find(|(known, _)| *known == name);
    found.map(|(_, surface)| surface).ok_or_else(|| {
        let meant = did_you_mean(name, names.into_iter());
        anyhow!("no surface `{name}`{meant}; there are {}", names.join(", "))
    })
}

pub(crate) fn parse_release(text: &str) -> Result<Release> {
    let not_one = || anyhow!("`{text}` is not a release, which is two to four numerals with dots: 6.0");
    vapi_codegen::release(text).ok_or_else(not_one)
}

/// Prints the sample of an operation's request or reply; false if the spec has mistakes.
pub(crate) fn sample(
    places: &Places,
    (service, operation): (&str, &str),
    (release, surface): (Option<&str>, Option<&str>),
    switches: &[&str],
) -> Result<bool> {
    let has = |switch| switches.contains(&switch);
    let formats: Vec<_> = ["json", "xml", "form"].into_iter().filter(|format| has(format)).collect();
    let representation = match formats[..] {
        [] | ["json"] => Representation::Json,
        ["xml"] => Representation::Xml,
        ["form"] => Representation::Form,
        _ => bail!("one representation at a time: {}", formats.join(", ")),
    };
    let Some(mut api) = generate::api(&generate::sources(places)?) else { return Ok(false) };
    if let Some(text) = release {
        let service = find_service(&api, service)?;
        let operation = find_operation(service, operation)?;
        let release = parse_release(text)?;
        let releases = operation.releases.within(&service.releases);
        if !release.has(&releases) {
            let life = releases.describe().unwrap_or_default();
            bail!("{text} does not have {}.{}. {life}", service.id, operation.name);
        }
        api = as_of(&api, &release);
    }
    let service = find_service(&api, service)?;
    let operation = find_operation(service, operation)?;
    let name = format!("{}.{}", service.id, operation.name);
    if let Some(surface) = surface {
        let surface = find_surface(surface)?;
        if !formats.is_empty() || has("http") {
            bail!("--surface has one representation and shows HTTP; leave out --{}", switches.join(", --"));
        }
        // No page says what is old here, so everything is shown that the release has.
        let shape = Shape::full();
        let exchange = surfaces::exchange(&api, service, operation, surface, &shape);
        let exchange = exchange.ok_or_else(|| anyhow!("{name} is not on this surface"))?;
        say_exactly(&if has("response") { exchange.response() } else { exchange.request() });
        return Ok(true);
    }
    let text = match (has("http"), has("response"), representation) {
        (true, false, _) => Some(http::request(&api, service, operation, representation)),
        (true, true, _) => Some(http::response(&api, service, operation, representation)),
        (false, true, Representation::Form) => bail!("replies have no form; --json or --xml"),
        (false, true, _) => http::response_body(&api, service, operation, representation),
        (false, false, Representation::Form) => http::request_form(&api, operation),
        (false, false, _) => http::request_body(&api, service, operation, representation),
    };
    match text {
        // HTTP ends where its length says; the rest is text for people.
        Some(text) if has("http") => say_exactly(&text),
        Some(text) => say(text.trim_end_matches('\n')),
        None => bail!(
            "{name} has no such body: it has {} here",
            if has("response") { "no result" } else { "no parameters" }
        ),
    }
    Ok(true)
}

/// The service of this id, or the only one whose id ends so.
fn find_service<'a>(api: &'a Api, name: &str) -> Result<&'a Service> {
    let matches = |service: &&Service| {
        service.id.strip_suffix(name).is_some_and(|before| before.is_empty() || before.ends_with('.'))
    };
    let found: Vec<&Service> = api.services.iter().filter(matches).collect();
    match found[..] {
        [service] => Ok(service),
        [] => {
            let ids = api.services.iter().map(|service| service.id.as_str());
            let last = |id: &'a str| id.rsplit('.').next().unwrap_or(id);
            let meant = did_you_mean(name, ids.clone().chain(ids.map(last)));
            Err(anyhow!("no service `{name}`{meant}"))
        }
        _ => {
            let ids: Vec<&str> = found.iter().map(|service| service.id.as_str()).collect();
            Err(anyhow!("`{name}` may be {}", ids.join(" or ")))
        }
    }
}

fn find_operation<'a>(service: &'a Service, name: &str) -> Result<&'a Operation> {
    let names = service.operations.iter().map(|operation| operation.name.as_str());
    service.operations.iter().find(|operation| operation.name == name).ok_or_else(|| {
        let meant = did_you_mean(name, names.clone());
        anyhow!(
            "no operation `{name}` in {}{meant}; it has {}",
            service.id,
            names.collect::<Vec<_>>().join(", ")
        )
    })
}
