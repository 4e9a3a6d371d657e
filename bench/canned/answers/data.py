"""Queues, tables, buckets and Iceberg tables."""

from __future__ import annotations

import json
from typing import Any

from canned.answers.registry import CREATED, answers
from canned.call import Call
from canned.world import World


@answers("sqs.GetQueueAttributes")
def queue(world: World, call: Call) -> dict[str, Any]:
    """An empty queue that moves failures where it is declared to."""
    name = call.parameters["QueueUrl"].rsplit("/", 1)[-1]
    counts = {f"ApproximateNumberOfMessages{part}": "0" for part in ("", "NotVisible", "Delayed")}
    attributes = {"QueueArn": world.arn("sqs", call.region, name), "CreatedTimestamp": str(CREATED), **counts}
    declared = world.get("queue", call.region, name)
    if declared and declared.dead_letter_queue:
        target = world.arn("sqs", call.region, declared.dead_letter_queue)
        attributes["RedrivePolicy"] = json.dumps({"deadLetterTargetArn": target, "maxReceiveCount": 5})
    return {"Attributes": attributes}


@answers("dynamodb.DescribeTable")
def table(world: World, call: Call) -> dict[str, Any]:
    """An active table with its declared indexes and stream."""
    name = call.parameters["TableName"]
    declared = world.get("table", call.region, name)
    arn = world.arn("dynamodb", call.region, f"table/{name}")
    indexes = [index.name for index in declared.indexes] if declared else []
    described = {
        "TableName": name,
        "TableArn": arn,
        "TableStatus": "ACTIVE",
        "CreationDateTime": CREATED,
        "ItemCount": 1000,
        "TableSizeBytes": 100_000,
        "GlobalSecondaryIndexes": [
            {"IndexName": index, "IndexStatus": "ACTIVE", "IndexArn": f"{arn}/index/{index}"} for index in indexes
        ],
    }
    if declared and declared.stream:
        described["StreamSpecification"] = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
        described["LatestStreamArn"] = stream_arn(world, call.region, name)
    return {"Table": described}


def stream_arn(world: World, region: str, table_name: str) -> str:
    """ARN of a table's only stream."""
    return world.arn("dynamodb", region, f"table/{table_name}/stream/2026-01-01T00:00:00.000")


@answers("s3.HeadBucket")
def bucket(world: World, call: Call) -> dict[str, Any]:
    """The bucket is there: an answer without a body."""
    return {"[x-amz-bucket-region]": call.region}


@answers("glue.GetTable")
def iceberg_table(world: World, call: Call) -> dict[str, Any]:
    """An Iceberg table."""
    name, database = call.parameters["Name"], call.parameters["DatabaseName"]
    parameters = {"table_type": "ICEBERG", "metadata_location": f"s3://canned/{name}/metadata.json"}
    return {"Table": {"Name": name, "DatabaseName": database, "CreateTime": CREATED, "Parameters": parameters}}
