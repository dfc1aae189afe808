"""Writes the templates of rendered sites as CloudFormation sees them once it has the parameters.

    concrete.py OUT SITE...

Each SITE is a folder as `cargo xtask render` writes it. OUT gets each distinct stack with its conditions decided and its
parameters put in, so that a linter judges what would be deployed and not what some value would deploy. Exit code 1: a template
refuses what a site gives it, by a parameter's constraints or by a rule.
"""

import json
import re
import sys
from pathlib import Path

import yaml

# What an output of another stack looks like.
SAMPLES = {
    "VpcId": "vpc-0123456789abcdef0",
    "PublicSubnetIds": "subnet-0123456789abcdef0,subnet-0123456789abcdef1",
    "InstanceSubnetIds": "subnet-0123456789abcdef2,subnet-0123456789abcdef3",
    "BucketName": "shop-artifacts-0123456789ab",
    "LoadBalancerDnsName": "{stack}-0123456789.us-east-2.elb.amazonaws.com",
    "LoadBalancerZoneId": "Z3AADJGX6KTTL2",
    "LoadBalancerFullName": "app/{stack}/0123456789abcdef",
    "TargetGroupArn": "arn:aws:elasticloadbalancing:us-east-2:000000000000:targetgroup/{stack}/0123456789abcdef",
    "TargetGroupFullName": "targetgroup/{stack}/0123456789abcdef",
    "GroupName": "shop-{stack}",
    "FunctionArn": "arn:aws:lambda:us-east-2:000000000000:function:shop-controller",
    "FunctionName": "shop-controller",
    "LatchAlarmName": "shop-latch",
    "AlarmName": "shop-primary-down",
    "AlarmArn": "arn:aws:cloudwatch:us-east-1:000000000000:alarm:shop-primary-down",
    "TopicArn": "arn:aws:sns:us-east-1:000000000000:shop-failover",
    "AlertsTopicArn": "arn:aws:sns:us-east-2:000000000000:shop-notices",
    "NoticeTopicArn": "arn:aws:sns:us-east-2:000000000000:shop-notices",
    "DeadLetterQueueName": "shop-controller-failures",
    "PrimaryCheckId": "abcdef11-2222-3333-4444-555555fedcba",
    "StandbyCheckId": "abcdef11-2222-3333-4444-555555fedcbb",
    "PrimaryHealthCheckId": "abcdef11-2222-3333-4444-555555fedcba",
    "StandbyHealthCheckId": "abcdef11-2222-3333-4444-555555fedcbb",
    "GateHealthCheckId": "abcdef11-2222-3333-4444-555555fedcbc",
    "LogGroupName": "/aws/lambda/shop-controller",
    "DistributionDomainName": "d111111abcdef8.cloudfront.net",
}
NOTHING = object()


class Refused(Exception):
    """A template does not take what a site gives it."""


class Loader(yaml.SafeLoader):
    """YAML with CloudFormation's short forms."""


def intrinsic(loader, suffix, node):
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}


Loader.add_multi_constructor("!", intrinsic)


def call(value):
    """The name and the argument of an intrinsic function, or nothing."""
    if isinstance(value, dict) and len(value) == 1:
        name = next(iter(value))
        if name in ("Ref", "Condition") or name.startswith("Fn::"):
            return name, value[name]
    return None, None


class Stack:
    """A template with the values of its parameters."""

    def __init__(self, template, given, region):
        self.template = template
        self.region = region
        self.values = {}
        # Values that AWS looks up stay parameters.
        self.kept = {}
        for name, parameter in template.get("Parameters", {}).items():
            value = given.get(name, parameter.get("Default"))
            if value is None:
                raise Refused(f"no value for {name}")
            value = str(value)
            check(name, parameter, value)
            if parameter["Type"].startswith("AWS::SSM::"):
                self.kept[name] = {**parameter, "Default": value}
            elif parameter["Type"].startswith("List<") or parameter["Type"] == "CommaDelimitedList":
                self.values[name] = value.split(",")
            else:
                self.values[name] = value

    def holds(self, value):
        """Whether a condition, or the assertion of a rule, is true."""
        name, argument = call(value)
        if name == "Condition":
            return self.holds(self.template["Conditions"][argument])
        if name == "Fn::Not":
            return not self.holds(argument[0])
        if name in ("Fn::And", "Fn::Or"):
            held = [self.holds(item) for item in argument]
            return all(held) if name == "Fn::And" else any(held)
        if name in ("Fn::Equals", "Fn::Contains"):
            left, right = (self.known(item) for item in argument)
            return left == right if name == "Fn::Equals" else right in left
        raise Refused(f"a condition that is not understood: {value}")

    def known(self, value):
        """A value inside of a condition: parameters, the region, and nothing that is only known later."""
        if call(value) == ("Ref", "AWS::Region"):
            return self.region
        if isinstance(value, list):
            return [self.known(item) for item in value]
        value = self.resolve(value)
        if isinstance(value, dict):
            raise Refused(f"a condition over what is not known: {value}")
        return value if isinstance(value, list) else str(value)

    def resolve(self, value):
        """The value with every parameter put in and every `If` decided."""
        name, argument = call(value)
        if name == "Fn::If":
            condition, yes, no = argument
            return self.resolve(yes if self.holds({"Condition": condition}) else no)
        if name == "Ref":
            if argument == "AWS::NoValue":
                return NOTHING
            return self.values.get(argument, value)
        if name == "Fn::Sub":
            return self.sub(argument)
        if isinstance(value, dict):
            pairs = ((key, self.resolve(item)) for key, item in value.items())
            return {key: item for key, item in pairs if item is not NOTHING}
        if isinstance(value, list):
            items = (self.resolve(item) for item in value)
            return [item for item in items if item is not NOTHING]
        return value

    def sub(self, argument):
        text, extra = (argument, {}) if isinstance(argument, str) else argument
        values = {**self.values, **{name: self.resolve(item) for name, item in extra.items()}}
        left = {name: item for name, item in values.items() if name in extra and not isinstance(item, str)}
        put = lambda found: values[found[1]] if isinstance(values.get(found[1]), str) else found[0]
        text = re.sub(r"\$\{([A-Za-z0-9]+)\}", put, text)
        if "${" not in text:
            return text
        return {"Fn::Sub": [text, left] if left else text}

    def assert_rules(self):
        for name, rule in self.template.get("Rules", {}).items():
            if "RuleCondition" in rule and not self.holds(rule["RuleCondition"]):
                continue
            for assertion in rule["Assertions"]:
                if not self.holds(assertion["Assert"]):
                    raise Refused(f"rule {name}: {assertion.get('AssertDescription')}")

    def concrete(self):
        self.assert_rules()
        resources = {}
        for name, resource in self.template["Resources"].items():
            if "Condition" not in resource or self.holds({"Condition": resource["Condition"]}):
                resources[name] = self.resolve({key: item for key, item in resource.items() if key != "Condition"})
        for resource in resources.values():
            needed = resource.get("DependsOn", [])
            needed = [needed] if isinstance(needed, str) else needed
            # CloudFormation forgets what a condition took away.
            needed = [name for name in needed if name in resources]
            resource.pop("DependsOn", None)
            if needed:
                resource["DependsOn"] = needed
        outputs = {}
        for name, output in self.template.get("Outputs", {}).items():
            if "Condition" not in output or self.holds({"Condition": output["Condition"]}):
                outputs[name] = self.resolve({key: item for key, item in output.items() if key != "Condition"})
        parts = {
            "AWSTemplateFormatVersion": "2010-09-09",
            "Description": self.template["Description"],
            "Parameters": {name: kept for name, kept in self.kept.items() if is_used(name, resources)},
            "Mappings": self.template.get("Mappings", {}),
            "Resources": resources,
            "Outputs": outputs,
        }
        return {name: part for name, part in parts.items() if part}


def is_used(name, value):
    """Whether a parameter is named somewhere in a value."""
    if isinstance(value, dict):
        return call(value) == ("Ref", name) or any(is_used(name, item) for item in value.values())
    return isinstance(value, list) and any(is_used(name, item) for item in value)


def check(name, parameter, value):
    """Refuses a value that CloudFormation would refuse."""
    allowed = parameter.get("AllowedValues")
    if allowed is not None and value not in [str(item) for item in allowed]:
        raise Refused(f"{name}: `{value}` is none of {allowed}")
    pattern = parameter.get("AllowedPattern")
    if pattern is not None and not re.fullmatch(pattern, value):
        raise Refused(f"{name}: `{value}` does not match {pattern}")
    if parameter["Type"] == "Number":
        low, high = parameter.get("MinValue", float("-inf")), parameter.get("MaxValue", float("inf"))
        if not low <= float(value) <= high:
            raise Refused(f"{name}: {value} is not within {low} and {high}")
    if len(value) > int(parameter.get("MaxLength", 4096)):
        raise Refused(f"{name}: longer than CloudFormation takes")


def sample(value):
    """A value for what is only known while a site is deployed: `<stack.Output>`, or `<code key>`."""
    if not value.startswith("<"):
        return value
    if value == "<code key>":
        return "controller/0123456789abcdef.zip"
    stack, output = value.strip("<>").split(".")
    if output not in SAMPLES:
        raise Refused(f"no sample for the output {output}: add one to tools/concrete.py")
    return SAMPLES[output].format(stack=stack)


def main(out, *sites):
    templates, refused, written = {}, [], set()
    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    for site in map(Path, sites):
        for stack in json.loads((site / "site.json").read_text())["stacks"]:
            name = stack["stack"]
            body = (site / f"{name}.yaml").read_text()
            # The two regions share templates, and all sites do.
            if body not in templates:
                templates[body] = yaml.load(body, Loader)
            entries = json.loads((site / f"{name}.parameters.json").read_text())
            try:
                given = {entry["ParameterKey"]: sample(entry["ParameterValue"]) for entry in entries}
                text = json.dumps(Stack(templates[body], given, stack["region"]).concrete(), indent=1)
            except Refused as error:
                refused.append(f"{site.name}: {name}: {error}")
                continue
            if text not in written:
                written.add(text)
                (out / f"{site.name}.{name}.json").write_text(text + "\n")
    for line in refused:
        print(line, file=sys.stderr)
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
