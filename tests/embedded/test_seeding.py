"""Services may share resources, and what cannot be seeded is refused in one line."""

from __future__ import annotations

import shutil

import pytest

from fixtures.embedded.process import EmbeddedCloud, EmbeddedCloudError

from .conftest import client_of

HEAD = """\
service: photo
title: photographs
runbook: runbooks/bg-remover.md
owners: {service owner: photographs}
stages: {local: local}
regions: {primary: REGION}
resources:
"""

SHARED = """
  buckets: [{name: "carousel-labs-analytics-{stage}"}]
  topics: [{name: "bg-remover-{stage}-alerts", subscribers: [email, https]}]
  secrets: [{name: bg-remover/on-call-contacts}]
  tables: [{name: "photo-{stage}", partition_key: PK}]
  iceberg_tables:
    - {name: sales_history, database: "pricing_intelligence_{stage}", bucket: "carousel-labs-analytics-{stage}"}
    - {name: sales, database: "photo_{stage}", bucket: "carousel-labs-analytics-{stage}"}
"""

SECOND = """\
service: video
title: films
runbook: runbooks/bg-remover.md
owners: {service owner: films}
stages: {local: local}
regions: {primary: us-east-1, dr: eu-west-1}
resources:
  buckets: [{name: "carousel-labs-analytics-{stage}", region: dr}]
  tables: [{name: "photo-{stage}", partition_key: PK, region: dr}]
  iceberg_tables:
    - {name: sales, database: "video_{stage}", bucket: "carousel-labs-analytics-{stage}", region: dr}
  roles: [{name: "zae-limiter-{stage}-aggr", trusted: lambda.amazonaws.com}]
"""


@pytest.fixture
def project(root, tmp_path):
    """A copy of the catalogue, and of the code that serves it."""
    for folder in ("services", "runbooks", "fixtures"):
        shutil.copytree(root / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def declare(project, resources, region="eu-west-1"):
    (project / "services" / "photo.yaml").write_text(HEAD.replace("REGION", region) + resources)


def refusal(project):
    with pytest.raises(EmbeddedCloudError) as caught:
        EmbeddedCloud.start(project)
    return str(caught.value)


def test_shared_resources_are_seeded_once(project):
    """Same kind, region, account, name and content, whichever of the service's regions that region is."""
    declare(project, SHARED)
    (project / "services" / "video.yaml").write_text(SECOND)
    cloud = EmbeddedCloud.start(project)
    try:
        client = client_of(cloud.endpoint_url)
        glue = client("glue", "eu-west-1")
        databases = ("photo_local", "video_local", "pricing_intelligence_local")
        found = {database: len(glue.get_tables(DatabaseName=database)["TableList"]) for database in databases}
        assert found == dict.fromkeys(databases, 1)
        topic = "arn:aws:sns:eu-west-1:123456789012:bg-remover-local-alerts"
        subscriptions = client("sns", "eu-west-1").list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
        assert {subscription["Protocol"] for subscription in subscriptions} == {"email", "https"}
    finally:
        cloud.stop()


@pytest.mark.parametrize(
    ("resources", "said"),
    [
        (
            '  topics: [{name: "what is this"}]',
            "services/photo.yaml: topic what is this in eu-west-1: SNS does not accept it (InvalidParameter: ",
        ),
        (
            '  buckets: [{name: "ph"}]',
            "services/photo.yaml: bucket ph in eu-west-1: S3 does not accept it (InvalidBucketName: ",
        ),
        (
            '  buckets: [{name: "a b"}]',
            "services/photo.yaml: bucket a b in eu-west-1: S3 does not accept it (ParamValidationError: ",
        ),
    ],
    ids=["by moto", "by moto's S3", "by botocore"],
)
def test_what_aws_does_not_accept_is_refused_by_its_declaration(project, resources, said):
    """File, kind, name, region and error code."""
    declare(project, resources)
    refused = refusal(project)
    assert refused.startswith(said)
    assert "\n" not in refused


def test_region_that_is_none_is_refused(project):
    """moto fails on one with a KeyError."""
    declare(project, "  secrets: [{name: key}]", region="eu-middle-1")
    assert refusal(project) == (
        "services/photo.yaml: secret key in eu-middle-1: Secrets Manager does not accept it (KeyError: 'eu-middle-1')"
    )


def test_resource_that_two_services_declare_differently_is_refused(project):
    """The one that is seeded later is named, and the files that say otherwise."""
    declare(project, '  tables: [{name: "bg-remover-{stage}-sales-intelligence", partition_key: other}]')
    refused = refusal(project)
    assert refused.startswith("services/photo.yaml: table bg-remover-local-sales-intelligence in eu-west-1: DynamoDB ")
    assert "(ResourceInUseException: " in refused
    assert refused.endswith("; declared differently in services/bg-remover.yaml")
