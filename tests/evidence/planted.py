"""An embedded cloud with something in every place that must not be kept: ``python -m tests.evidence.planted``."""

from __future__ import annotations

import json
from typing import Any

from fixtures.catalogue import load_catalogue
from fixtures.embedded.listener import Listener
from fixtures.embedded.seed import seed
from fixtures.embedded.world import World
from tests.conftest import ROOT

ANOTHER_ACCOUNT = "999988887777"
HEALTH_CHECK_ID = "0a1b2c3d-4e5f-4a6b-8c7d-555566667777"
CONCURRENCY = 987654321098
REGION = "eu-west-1"
FUNCTION = "bg-remover-local-health"
QUEUE = "bg-remover-local-main"
DEAD_LETTERS = "bg-remover-local-dlq"
TABLE = "bg-remover-local-sales-intelligence"
TOPIC = "bg-remover-local-alerts"
SECRET = "bg-remover/on-call-contacts"
ALARM = "bg-remover-local-dlq-depth"
DASHBOARD = "bg-remover-local-overview"
STACK = "bg-remover-local"
ROLE = "zae-limiter-local-aggr"
HEALTH = "https://api.local.carousellabs.co/bg-remover/health"
LOGS = "/aws/lambda/bg-remover-local-s3TablesDataValidator"


def canary(place: str) -> str:
    return f"canary-{place}"


def plant(world: World) -> None:
    plant_in_queues(world)
    plant_in_functions(world)
    plant_in_what_tells_people(world)
    plant_in_the_rest(world)
    plant_numbers(world)


def plant_in_queues(world: World) -> None:
    sqs = world.client("sqs", REGION)
    url = sqs.get_queue_url(QueueName=DEAD_LETTERS)["QueueUrl"]
    attribute = {"StringValue": canary("message-attribute"), "DataType": "String"}
    sqs.send_message(QueueUrl=url, MessageBody=canary("message-body"), MessageAttributes={"Own": attribute})
    sqs.tag_queue(QueueUrl=url, Tags={"Own": canary("queue-tag")})
    policy = {"Version": "2012-10-17", "Statement": [{"Sid": canary("queue-policy"), "Effect": "Allow"}]}
    main = sqs.get_queue_url(QueueName=QUEUE)["QueueUrl"]
    world.amend("sqs", "GetQueueAttributes", lambda _, answer: answer["Attributes"].update(Policy=json.dumps(policy)))
    sqs.tag_queue(QueueUrl=main, Tags={"Own": canary("queue-tag")})


def plant_in_functions(world: World) -> None:
    functions = world.client("lambda", REGION)
    environment = {"Variables": {"PASSWORD": canary("function-environment")}}
    functions.update_function_configuration(
        FunctionName=FUNCTION, Description=canary("function-description"), Environment=environment
    )
    arn = functions.get_function_configuration(FunctionName=FUNCTION)["FunctionArn"]
    functions.tag_resource(Resource=arn, Tags={"Own": canary("function-tag")})
    logs = world.client("logs", REGION)
    line = f"validation_summary CRITICAL {canary('log-line')}"
    events = [{"timestamp": int(world.now() * 1000) - 60_000, "message": line}]
    logs.put_log_events(logGroupName=LOGS, logStreamName="embedded", logEvents=events)
    roles = world.client("iam", REGION)
    service = {"Service": "lambda.amazonaws.com"}
    trust = {"Sid": canary("role-trust"), "Effect": "Allow", "Principal": service, "Action": "sts:AssumeRole"}
    policy = {"Version": "2012-10-17", "Statement": [trust]}
    roles.update_assume_role_policy(RoleName=ROLE, PolicyDocument=json.dumps(policy))
    roles.update_role(RoleName=ROLE, Description=canary("role-description"))
    roles.tag_role(RoleName=ROLE, Tags=[{"Key": "Own", "Value": canary("role-tag")}])


def plant_in_what_tells_people(world: World) -> None:
    topic = f"arn:aws:sns:{REGION}:{world.account}:{TOPIC}"
    world.client("sns", REGION).subscribe(TopicArn=topic, Protocol="email", Endpoint=f"{canary('subscriber')}@x.org")
    secrets = world.client("secretsmanager", REGION)
    secrets.put_secret_value(SecretId=SECRET, SecretString=canary("secret-value"))
    secrets.update_secret(SecretId=SECRET, Description=canary("secret-description"))
    secrets.tag_resource(SecretId=SECRET, Tags=[{"Key": "Own", "Value": canary("secret-tag")}])
    body = {"widgets": [{"type": "text", "properties": {"markdown": canary("dashboard-body")}}]}
    world.client("cloudwatch", REGION).put_dashboard(DashboardName=DASHBOARD, DashboardBody=json.dumps(body))
    world.amend("cloudwatch", "DescribeAlarms", describe_alarms)


def describe_alarms(_: dict[str, Any], answer: dict[str, Any]) -> None:
    for alarm in answer["MetricAlarms"]:
        alarm["AlarmDescription"], alarm["StateReason"] = canary("alarm-description"), canary("alarm-reason")
        alarm["AlarmActions"].append(f"arn:aws:sns:{REGION}:{ANOTHER_ACCOUNT}:elsewhere")


def plant_in_the_rest(world: World) -> None:
    parameters = [{"ParameterKey": "Password", "ParameterValue": canary("stack-parameter")}]
    outputs = [{"OutputKey": "Key", "OutputValue": canary("stack-output")}]
    tags = [{"Key": "Own", "Value": canary("stack-tag")}]
    world.stacks.change(REGION, STACK, Parameters=parameters, Outputs=outputs, Tags=tags)
    tables = world.client("dynamodb", REGION)
    tables.put_item(TableName=TABLE, Item={"PK": {"S": canary("item-key")}, "SK": {"S": canary("item")}})
    arn = tables.describe_table(TableName=TABLE)["Table"]["TableArn"]
    tables.tag_resource(ResourceArn=arn, Tags=[{"Key": "Own", "Value": canary("table-tag")}])
    body = {"status": "healthy", "database": {"password": canary("health-body")}}
    world.layer.endpoints.change(HEALTH, body=body)


def plant_numbers(world: World) -> None:
    """What looks like an account id and is none."""
    report = {"HealthCheckObservations": [{"StatusReport": {"Status": f"Success: {ANOTHER_ACCOUNT}"}}]}
    world.answer("route53", "GetHealthCheckStatus", lambda _: report)
    world.amend("route53", "ListHealthChecks", name_health_checks)
    world.amend("lambda", "GetFunctionConcurrency", limit_concurrency)


def name_health_checks(_: dict[str, Any], answer: dict[str, Any]) -> None:
    for check in answer["HealthChecks"]:
        check["Id"] = HEALTH_CHECK_ID


def limit_concurrency(_: dict[str, Any], answer: dict[str, Any]) -> None:
    answer["ReservedConcurrentExecutions"] = CONCURRENCY


if __name__ == "__main__":
    listener = Listener(0)
    world = World.of(listener.url, load_catalogue(ROOT), "local")
    seed(world)
    plant(world)
    listener.serve = world.layer.serve
    print(listener.url, flush=True)
    listener.serve_forever()
