"""The account, roles and secrets."""

from __future__ import annotations

from typing import Any

from canned.answers.registry import CREATED, CREATED_ISO, answers
from canned.call import Call
from canned.world import World


@answers("sts.GetCallerIdentity")
def caller(world: World, call: Call) -> dict[str, Any]:
    """Credentials of the declared account."""
    return {"Account": world.account, "UserId": "AIDACANNED", "Arn": f"arn:aws:iam::{world.account}:user/canned"}


@answers("iam.GetRole")
def role(world: World, call: Call) -> dict[str, Any]:
    """The role, made long ago."""
    name = call.parameters["RoleName"]
    arn = f"arn:aws:iam::{world.account}:role/{name}"
    return {"Role": {"RoleName": name, "RoleId": "AROACANNED", "Path": "/", "Arn": arn, "CreateDate": CREATED_ISO}}


@answers("secretsmanager.DescribeSecret")
def secret(world: World, call: Call) -> dict[str, Any]:
    """The secret, which nobody deletes."""
    name = call.parameters["SecretId"]
    arn = world.arn("secretsmanager", call.region, f"secret:{name}-AbCdEf")
    return {"ARN": arn, "Name": name, "CreatedDate": CREATED, "LastChangedDate": CREATED}
