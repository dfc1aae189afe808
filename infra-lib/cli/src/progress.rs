//! Progress on standard error: a spinner for each stack on a terminal, plain lines otherwise.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use cloud::StackEvent;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use owo_colors::OwoColorize;
use provision::progress::{Progress, Step};
use site::model::{Stack, StackId};
use surface::colour::{Paint, is_watched};
use surface::flags::Format;
use surface::output;

const REDRAW: Duration = Duration::from_millis(120);

/// Where progress is shown.
pub struct Screen {
    start: Instant,
    paint: Paint,
    format: Format,
    regions: BTreeMap<StackId, String>,
    spinners: Option<MultiProgress>,
    running: RefCell<BTreeMap<StackId, Work>>,
}

/// A stack that is worked on.
struct Work {
    bar: ProgressBar,
    /// How many resources change, as CloudFormation said before.
    total: usize,
    done: BTreeSet<String>,
}

impl Screen {
    /// A screen for the stacks of a site. With [`Format::Json`] each event also goes to standard output.
    pub fn new(stacks: &[Stack], format: Format) -> Self {
        let regions = stacks.iter().map(|stack| (stack.id, stack.region.to_string()));
        Self {
            start: Instant::now(),
            paint: Paint::error(),
            format,
            regions: regions.collect(),
            spinners: is_watched().then(MultiProgress::new),
            running: RefCell::default(),
        }
    }

    /// Shows an event.
    pub fn show(&self, progress: &Progress) {
        if self.format == Format::Json {
            output::event(progress);
        }
        match progress {
            Progress::Wave { number, stacks } => {
                let names =
                    stacks.iter().map(|stack| stack.as_str()).collect::<Vec<_>>().join(", ");
                self.say(&format!("wave {number}: {names}"));
            }
            Progress::Stack { stack, step } => self.step(*stack, step),
            Progress::WorkedOut { stack, resources } => {
                self.say(&format!("  {stack}: was not known until now:"));
                for resource in resources {
                    resource.to_string().lines().for_each(|line| self.say(line));
                }
            }
            Progress::Resource { stack, event } => self.resource(*stack, event),
            Progress::Uploaded { key, present: false } => self.say(&format!("  uploaded {key}")),
            Progress::Uploaded { key, present: true } => {
                self.say(&format!("  {key} is there already"));
            }
            Progress::Emptied { objects } => {
                self.say(&format!("  artifacts: object versions deleted: {objects}"));
            }
        }
    }

    /// Takes the spinners away.
    pub fn close(&self) {
        self.running.borrow().values().for_each(|work| work.bar.finish_and_clear());
    }

    fn resource(&self, stack: StackId, event: &StackEvent) {
        let reason =
            event.reason.as_deref().map_or_else(String::new, |reason| format!(": {reason}"));
        let kind = event.resource_type.strip_prefix("AWS::").unwrap_or(&event.resource_type);
        let line = format!("{} {} ({kind}){reason}", event.status, event.logical_id);
        if event.is_failure() {
            self.say(&format!("  {stack}: {}", line.style(self.paint.bad())));
        } else if self.spinners.is_none() {
            // Where a spinner shows the present one, a line for each would bury the others.
            self.say(&format!("  {stack}: {}", line.style(self.paint.faint())));
        }
        if event.status.ends_with("_COMPLETE")
            && !event.is_stack()
            && let Some(work) = self.running.borrow_mut().get_mut(&stack)
        {
            work.done.insert(event.logical_id.clone());
        }
        self.spin(stack, &format!("{} {}", event.status, event.logical_id));
    }

    fn step(&self, stack: StackId, step: &Step) {
        let (words, over) = match step {
            Step::Waiting { status } => {
                (format!("waiting for an earlier operation ({status})"), false)
            }
            Step::Clearing { status } => {
                (format!("deleting what an earlier run left ({status})"), false)
            }
            Step::RollingBack { status } => {
                (format!("rolling back what failed and was kept ({status})"), false)
            }
            Step::Unlocking { status } => {
                (format!("resuming the failed rollback ({status})"), false)
            }
            Step::Held { minutes } => {
                let words =
                    "waiting for a healthy server of the primary, so that no failover begins";
                (format!("{words} ({minutes} minutes at most)"), false)
            }
            Step::Proving { minutes } => {
                let words = "waiting until every server of the primary is healthy with the change";
                (format!("{words} ({minutes} minutes at most)"), false)
            }
            Step::Comparing => ("creating the change set".to_owned(), false),
            Step::Changing { resources: 1 } => ("changing 1 resource".to_owned(), false),
            Step::Changing { resources } => (format!("changing {resources} resources"), false),
            Step::Deleting => ("deleting".to_owned(), false),
            Step::Unchanged => ("no changes".to_owned(), true),
            Step::Done => ("done".style(self.paint.good()).to_string(), true),
            Step::Gone => ("gone".style(self.paint.good()).to_string(), true),
            Step::Failed => ("failed".style(self.paint.bad()).to_string(), true),
        };
        self.say(&format!("  {stack}: {words}"));
        if over {
            if let Some(work) = self.running.borrow_mut().remove(&stack) {
                work.bar.finish_and_clear();
            }
            return;
        }
        self.spin(stack, &words);
        if let (Step::Changing { resources }, Some(work)) =
            (step, self.running.borrow_mut().get_mut(&stack))
        {
            work.total = *resources;
        }
    }

    /// Shows a line of its own.
    pub fn say(&self, text: &str) {
        self.quote(&format!("{:>5.1}s {text}", self.start.elapsed().as_secs_f64()));
    }

    /// Shows a line that has a clock of its own.
    pub fn quote(&self, line: &str) {
        match &self.spinners {
            // A terminal that went away is no reason to stop.
            Some(spinners) => spinners.println(line).unwrap_or_default(),
            None => output::note(line),
        }
    }

    fn spin(&self, stack: StackId, words: &str) {
        let Some(spinners) = &self.spinners else {
            return;
        };
        let mut running = self.running.borrow_mut();
        let work = running.entry(stack).or_insert_with(|| {
            let style = ProgressStyle::with_template("{spinner} {prefix} {elapsed} {wide_msg}");
            let style = style.expect("the template is a constant that the tests have seen");
            let region = self.regions.get(&stack).map_or("", String::as_str);
            let bar = ProgressBar::new_spinner()
                .with_style(style)
                .with_prefix(format!("{stack} {region}"));
            let bar = spinners.add(bar);
            bar.enable_steady_tick(REDRAW);
            Work { bar, total: 0, done: BTreeSet::new() }
        });
        let share = match work.total {
            0 => String::new(),
            total => format!("{}/{total} ", work.done.len().min(total)),
        };
        work.bar.set_message(share + words);
    }
}
