"""docker-compose.yml and the images' build files, as far as they can be checked without an engine."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from chat_server.settings import Settings

ROOT = Path(__file__).parents[2]
FILE = ROOT / "docker-compose.yml"
COMPOSE = yaml.safe_load(FILE.read_text())
SERVICES = COMPOSE["services"]
BUILT = {name: ROOT / service["build"]["dockerfile"] for name, service in SERVICES.items() if "build" in service}
SETTINGS = {f"CHAT_{name.upper()}" for name in Settings.model_fields}


def instructions(dockerfile: Path) -> list[tuple[str, str]]:
    """Each instruction of a build file with its arguments on one line."""
    lines = re.sub(r"\\\n\s*", "", dockerfile.read_text()).splitlines()
    return [(line.split(maxsplit=1)[0], line.split(maxsplit=1)[1]) for line in lines if line and not line.startswith("#")]


def images_environment(name: str) -> dict[str, str]:
    words = [word for what, rest in instructions(BUILT[name]) if what == "ENV" for word in shlex.split(rest)]
    return dict(word.split("=", 1) for word in words)


def test_it_fits_the_compose_specification():
    checker = [Path(sys.executable).parent / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", FILE]
    checked = subprocess.run(checker, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout


def test_the_parts_of_the_service_are_there():
    assert set(SERVICES) == {"proxy", "migrate", "gateway", "dialogue-1", "dialogue-2", "actions", "database", "bus"}
    assert set(BUILT) == {"migrate", "gateway", "dialogue-1", "dialogue-2", "actions"}
    assert SERVICES["gateway"]["deploy"]["replicas"] >= 2


def test_only_the_proxy_is_reached_from_outside():
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["proxy"]
    assert COMPOSE["networks"]["inside"] == COMPOSE["networks"]["front"] == {"internal": True}
    assert {name: service["networks"] for name, service in SERVICES.items() if service["networks"] != ["inside"]} == {
        "proxy": ["outside", "front"], "gateway": ["front", "inside"]
    }


def test_the_database_is_brought_to_the_newest_form_before_a_gateway_starts():
    assert SERVICES["gateway"]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
    assert SERVICES["migrate"]["command"][-1] == "migrate" and SERVICES["migrate"]["restart"] == "no"


def test_the_proxy_reaches_the_gateways_and_hides_what_is_for_the_inside():
    conf = (ROOT / COMPOSE["configs"]["proxy"]["file"]).read_text()
    assert f"server gateway:{SERVICES['gateway']['environment']['CHAT_PORT']} " in conf
    assert f"listen {SERVICES['proxy']['ports'][0].rpartition(':')[2]} ssl;" in conf
    for path in ("/metrics", "/readyz"):
        assert f"location = {path} {{ return 404; }}" in conf
    assert "X-Forwarded-For $remote_addr;" in conf, "what a browser says of its own address is not believed"


@pytest.mark.parametrize("name", SERVICES)
def test_each_part_is_watched_and_confined(name):
    service = SERVICES[name]
    assert name == "migrate" or service["healthcheck"]["test"]
    assert service["read_only"] is True and service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert not service["user"].startswith(("0", "root"))


@pytest.mark.parametrize("name", BUILT)
def test_each_image_runs_as_the_account_that_it_makes(name):
    account = next(rest for what, rest in instructions(BUILT[name]) if what == "RUN" and "useradd" in rest)
    uid = re.search(r"--uid (\d+)", account)[1]
    assert [rest for what, rest in instructions(BUILT[name]) if what == "USER"] == ["chat"]
    assert SERVICES[name]["user"] == f"{uid}:{uid}"


@pytest.mark.parametrize("name", BUILT)
def test_everything_that_is_copied_exists_and_reaches_the_build(name):
    ignored = (ROOT / ".dockerignore").read_text().split()
    for what, rest in instructions(BUILT[name]):
        if what == "COPY":
            for source in rest.split()[:-1]:
                assert (ROOT / source).exists(), source
                assert f"!{source.split('/')[0]}" in ignored, f"{source} is kept from the build by .dockerignore"


@pytest.mark.parametrize("name", BUILT)
def test_each_image_installs_from_hashed_pins_of_its_own(name):
    installed = [rest for what, rest in instructions(BUILT[name]) if what == "RUN" and "pip install" in rest]
    assert len(installed) == 1 and "--require-hashes" in installed[0]
    assert ("COPY", f"{BUILT[name].parent.name}/requirements.txt ./") in instructions(BUILT[name])


@pytest.mark.parametrize("name", BUILT)
def test_images_have_the_python_that_their_pins_are_for(name):
    version = "3.10" if name.startswith("dialogue") else "3.11"
    assert instructions(BUILT[name])[0] == ("FROM", f"python:{version}-slim-bookworm")


def test_every_setting_of_the_gateway_exists():
    given = {*SERVICES["gateway"]["environment"], *images_environment("gateway")}
    assert {name for name in given if name.startswith("CHAT_")} <= SETTINGS


def test_every_setting_of_the_dialogue_model_is_read_by_it():
    code = "".join(path.read_text() for path in (ROOT / "dialogue").rglob("*") if path.suffix in {".py", ".yml"})
    given = {*SERVICES["dialogue-1"]["environment"], *images_environment("dialogue-1")}
    assert {name for name in given if name.startswith("CHAT_") and name not in code} == set()


def test_the_addresses_inside_are_those_of_the_parts():
    environments = [service.get("environment", {}) for service in SERVICES.values()]
    hosts = {host for each in environments for value in each.values() for host in re.findall(r"://(?:[^@/]*@)?([a-z0-9-]+):\d+", str(value))}
    assert hosts == {"actions", "dialogue-1", "dialogue-2", "database", "bus"}


def test_secrets_come_from_the_environment_and_a_missing_one_stops_the_start():
    for name, service in SERVICES.items():
        for variable, value in service.get("environment", {}).items():
            if re.search("PASSWORD|TOKEN|SECRET|KEY", variable) or "@" in str(value):
                assert re.search(r"\$\{[A-Z_]+:\?", value), f"{name}: {variable}"


def test_the_gateway_has_longer_to_stop_than_its_open_sockets_need():
    from chat_server.launch.supervisor import gateway

    grace_s = int(SERVICES["gateway"]["stop_grace_period"].removesuffix("s"))
    assert grace_s >= gateway(Settings(), 8000).grace_s
