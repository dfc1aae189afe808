//! The servers of a side, as they were deployed.

use cloud::{CloudError, GroupView, LaunchView, TemplateView};
use site::model::StackId;

use super::case::{Case, Place, side};
use super::verdict::Stop;

/// The servers of a side, as they were deployed.
pub(super) struct Deployed {
    pub(super) name: String,
    /// `None` if somebody deleted it.
    pub(super) group: Option<GroupView>,
    pub(super) template: Result<Option<TemplateView>, CloudError>,
}

impl Deployed {
    /// Reads it. `None` if the stack is not deployed.
    pub(super) async fn read(case: &Case<'_>, place: Place) -> Result<Option<Self>, CloudError> {
        let web = case.stack(side(place, StackId::WebPrimary, StackId::WebStandby))?;
        let Some(name) = web.and_then(|web| web.outputs.get("GroupName")) else {
            return Ok(None);
        };
        let region = case.region(place);
        let group = case.reach.cloud.group(&region, name).await?;
        let template = match group.as_ref().and_then(|group| group.launch.as_ref()) {
            None => Ok(None),
            Some(LaunchView { template, version, .. }) => {
                case.reach.premises.launch_template(&region, template, version).await
            }
        };
        Ok(Some(Self { name: name.clone(), group, template }))
    }

    pub(super) fn launch(&self) -> Result<&LaunchView, Stop> {
        let launch = self.group.as_ref().and_then(|group| group.launch.as_ref());
        launch.ok_or_else(|| Stop::Nothing(format!("{} names no launch template", self.name)))
    }

    pub(super) fn template(&self) -> Result<&TemplateView, Stop> {
        let template = self.template.as_ref().map_err(Clone::clone)?;
        template.as_ref().ok_or_else(|| Stop::Nothing("the launch template is gone".to_owned()))
    }

    /// The types that it launches, first choice first.
    pub(super) fn types(&self) -> Result<Vec<String>, Stop> {
        let own = &self.launch()?.types;
        if !own.is_empty() {
            return Ok(own.clone());
        }
        let of_template = self.template()?.instance_type.clone();
        let none = || Stop::Nothing("the launch template names no instance type".to_owned());
        Ok(vec![of_template.ok_or_else(none)?])
    }
}
