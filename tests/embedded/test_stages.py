"""Any stage of the catalogue can be served, with everything in its own account."""

from __future__ import annotations

import subprocess
import sys

import pytest

from fixtures.catalogue import load_catalogue
from fixtures.embedded.process import EmbeddedCloud, EmbeddedCloudError

from .conftest import ROOT, client_of, declared, fetch_of
from .facts import read
from .healthy import check_is_healthy

STAGES = load_catalogue(ROOT).stages


@pytest.fixture(scope="module", params=[name for name in STAGES if name != "local"])
def stage(request):
    return request.param


@pytest.fixture(scope="module")
def served(root, stage):
    cloud = EmbeddedCloud.start(root, stage=stage)
    yield cloud.endpoint_url
    cloud.stop()


def test_every_declared_resource_of_another_stage_reads_as_healthy(stage, served):
    """Under the stage's names, in the stage's account."""
    client, fetch = client_of(served), fetch_of(served)

    for resource in declared(stage):
        check_is_healthy(resource, read(resource, client, fetch))


def test_everything_on_another_stage_is_in_its_account(stage, served):
    """Also what no declaration names: ARNs that AWS makes, and the owner of buckets."""
    client, account = client_of(served), STAGES[stage].account
    bucket = next(one for one in declared(stage) if one.kind == "bucket")
    region = bucket.region
    functions = client("lambda", region).list_functions()["Functions"]
    arns = [one[part] for one in functions for part in ("FunctionArn", "Role")]
    arns += [topic["TopicArn"] for topic in client("sns", region).list_topics()["Topics"]]
    arns += [group["arn"] for group in client("logs", region).describe_log_groups()["logGroups"]]

    assert {arn.split(":")[4] for arn in arns} == {account}
    client("s3", region).head_bucket(Bucket=bucket.name, ExpectedBucketOwner=account)
    assert client("sts", region).get_caller_identity()["Account"] == account


def test_denial_on_another_stage_names_its_account(root):
    """The caller is of that account too."""
    cloud = EmbeddedCloud.start(root, ["denied=sqs.ListQueues"], "prod")
    sqs = client_of(cloud.endpoint_url)("sqs", "eu-west-1")

    with pytest.raises(sqs.exceptions.ClientError, match="arn:aws:iam::777788889999:user/"):
        sqs.list_queues()

    cloud.stop()


def test_unknown_stage_is_refused(root):
    """With what was given, what is known and what is near; the same text from the command line and from Python."""
    command = [sys.executable, "-m", "fixtures.embedded", "--stage", "prdo"]
    refused = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    said = "--stage prdo: there is no such stage; known are local, dev, sit, prod (did you mean 'prod'?)"

    assert (refused.returncode, refused.stdout, refused.stderr) == (2, "", f"error: {said}\n")
    with pytest.raises(EmbeddedCloudError) as caught:
        EmbeddedCloud.start(root, stage="prdo")
    assert str(caught.value) == said


def test_named_fault_of_another_stage_is_refused(root):
    """Named faults break resources of the stage local, and say so."""
    said = r"^--fault dlq-backlog: .* no queue 'bg-remover-local-dlq' on stage prod"
    with pytest.raises(EmbeddedCloudError, match=said):
        EmbeddedCloud.start(root, ["dlq-backlog"], "prod")
