"""Functions, what starts them, and stacks."""

from __future__ import annotations

from typing import Any

from canned.answers.data import stream_arn
from canned.answers.registry import CREATED, CREATED_ISO, answers
from canned.call import Call
from canned.world import World


def function_arn(world: World, region: str, name: str) -> str:
    """ARN of a function."""
    return world.arn("lambda", region, f"function:{name}")


@answers("lambda.GetFunctionConfiguration")
def configuration(world: World, call: Call) -> dict[str, Any]:
    """Active, and the last update is in effect."""
    name = call.parameters["FunctionName"]
    declared = world.get("function", call.region, name)
    return {
        "FunctionName": name,
        "FunctionArn": function_arn(world, call.region, name),
        "Runtime": declared.runtime if declared else "python3.12",
        "Timeout": declared.timeout_seconds if declared else 60,
        "Handler": "handler.handle",
        "CodeSize": 1024,
        "MemorySize": 512,
        "LastModified": "2026-01-01T00:00:00.000+0000",
        "CodeSha256": "canned",
        "Version": "$LATEST",
        "State": "Active",
        "LastUpdateStatus": "Successful",
    }


@answers("lambda.GetFunctionConcurrency")
def concurrency(world: World, call: Call) -> dict[str, Any]:
    """A reservation, so that the answer says something."""
    return {"ReservedConcurrentExecutions": 100}


@answers("lambda.GetAlias")
def alias(world: World, call: Call) -> dict[str, Any]:
    """The alias serves a published version."""
    function, name = call.parameters["FunctionName"], call.parameters["Name"]
    arn = f"{function_arn(world, call.region, function)}:{name}"
    return {"AliasArn": arn, "Name": name, "FunctionVersion": "7", "RevisionId": "canned"}


@answers("lambda.ListEventSourceMappings")
def event_sources(world: World, call: Call) -> dict[str, Any]:
    """The declared mappings of the function, enabled and up to date."""
    function = call.parameters.get("FunctionName")
    declared = [one for one in world.all("event_source", call.region) if function in (None, one.function)]
    return {"EventSourceMappings": [_mapping(world, call, source) for source in declared]}


def _mapping(world: World, call: Call, source: Any) -> dict[str, Any]:
    return {
        "UUID": f"{CREATED}-canned",
        "BatchSize": 100,
        "EventSourceArn": stream_arn(world, call.region, source.table),
        "FunctionArn": function_arn(world, call.region, source.function),
        "LastModified": CREATED,
        "LastProcessingResult": "OK",
        "State": "Enabled",
    }


@answers("events.DescribeRule")
def rule(world: World, call: Call) -> dict[str, Any]:
    """The rule, enabled."""
    name = call.parameters["Name"]
    declared = world.get("schedule", call.region, name)
    expression = declared.expression if declared else "rate(1 hour)"
    arn = world.arn("events", call.region, f"rule/{name}")
    return {"Name": name, "Arn": arn, "ScheduleExpression": expression, "State": "ENABLED", "EventBusName": "default"}


@answers("events.ListTargetsByRule")
def targets(world: World, call: Call) -> dict[str, Any]:
    """The declared function."""
    declared = world.get("schedule", call.region, call.parameters["Rule"])
    functions = [declared.target] if declared else []
    return {"Targets": [{"Id": "function", "Arn": function_arn(world, call.region, name)} for name in functions]}


@answers("cloudformation.DescribeStacks")
def stacks(world: World, call: Call) -> dict[str, Any]:
    """The stack, or all of the region, after a completed update."""
    name = call.parameters.get("StackName")
    names = [name] if name else [stack.name for stack in world.all("stack", call.region)]
    members = [
        {
            "StackId": world.arn("cloudformation", call.region, f"stack/{one}/canned"),
            "StackName": one,
            "CreationTime": CREATED_ISO,
            "LastUpdatedTime": CREATED_ISO,
            "StackStatus": "UPDATE_COMPLETE",
        }
        for one in names
    ]
    return {"Stacks": {"member": members}}
