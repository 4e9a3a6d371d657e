"""One cloud as a process for everything that reads, one world in this process for everything that breaks something."""

from __future__ import annotations

import functools
import gc
import http.client
import itertools
import multiprocessing
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.config import Config

from fixtures.catalogue import Declared, load_catalogue
from fixtures.embedded.clients import Clients
from fixtures.embedded.process import EmbeddedCloud

from .facts import Client, Facts, name_of, read

ROOT = Path(__file__).parents[2]


SERVICES = (
    "apigateway",
    "cloudformation",
    "cloudwatch",
    "dynamodb",
    "events",
    "glue",
    "iam",
    "lambda",
    "logs",
    "route53",
    "s3",
    "secretsmanager",
    "sns",
    "sqs",
    "sts",
)


def declared(stage: str = "local") -> list[Declared]:
    return load_catalogue(ROOT).declared([stage])


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def cloud() -> Iterator[EmbeddedCloud]:
    started = EmbeddedCloud.start(ROOT)
    yield started
    started.stop()


def client_of(url: str, **options: Any) -> Client:
    """Ordinary boto3 clients, as users have them."""
    session = boto3.Session(aws_access_key_id="AKIAANYKEYATALL00000", aws_secret_access_key="any")
    config = Config(**{"retries": {"total_max_attempts": 2}, "read_timeout": 20, **options})
    return functools.cache(lambda service, region: session.client(service, region, endpoint_url=url, config=config))


def fetch_of(url: str) -> Callable[[str], Any]:
    """Asks the embedded cloud for a health endpoint's declared address."""

    def fetch(address: str) -> Any:
        parts = urlsplit(address)
        connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=20)
        try:
            connection.request("GET", f"/_http/{parts.netloc}{parts.path}")
            answer = connection.getresponse()
            return answer.status, answer.headers["Content-Type"], answer.read().decode()
        except http.client.RemoteDisconnected:
            return "hangs up"
        finally:
            connection.close()

    return fetch


@pytest.fixture(scope="session")
def client(cloud: EmbeddedCloud) -> Client:
    return client_of(cloud.endpoint_url)


@pytest.fixture(scope="session")
def fetch(cloud: EmbeddedCloud) -> Callable[[str], Any]:
    return fetch_of(cloud.endpoint_url)


class Breakable:
    """A seeded world that is broken in a fork, so that each test has a fresh one at no cost."""

    def __init__(self) -> None:
        from fixtures.embedded.seed import seed
        from fixtures.embedded.world import World

        self.world = World.of("http://127.0.0.1:1", load_catalogue(ROOT), "local")
        seed(self.world)
        self._clients = Clients(self.world.layer.serve, self.world.url)
        self.client: Client = self._clients.client
        self._warm_up()

    def _warm_up(self) -> None:
        """Load here what every fork would load again: clients, and the models and routes of their services."""
        from moto.core.routing import get_service_router

        for service, region in itertools.product(SERVICES, {resource.region for resource in self.world.resources}):
            self.client(service, region)
            get_service_router(service)
        gc.collect()
        gc.freeze()

    def fetch(self, address: str) -> Any:
        from fixtures.embedded.messages import Request

        parts = urlsplit(address)
        reply = self.world.layer.serve(Request("GET", f"/_http/{parts.netloc}{parts.path}", {}))
        return (reply.status, reply.header("Content-Type"), reply.body.decode()) if reply else "hangs up"

    def read_all(self) -> dict[str, Facts]:
        return {name_of(resource): read(resource, self.client, self.fetch) for resource in self.world.resources}

    def in_fork(self, function: Callable[[], Any]) -> Any:
        """What the function returns, or its exception raised; this process stays as it is."""
        context = multiprocessing.get_context("fork")
        receiver, sender = context.Pipe(duplex=False)

        def run() -> None:
            try:
                sender.send((function(), None))
            except Exception as error:
                sender.send((None, error))

        process = context.Process(target=run)
        process.start()
        sender.close()
        result, error = receiver.recv()
        process.join()
        if error:
            raise error
        return result


@pytest.fixture(scope="session")
def breakable() -> Breakable:
    return Breakable()


@pytest.fixture(scope="session")
def healthy(breakable: Breakable) -> dict[str, Facts]:
    """Everything that can be read about the healthy world, by resource."""
    return breakable.in_fork(breakable.read_all)
