"""`CHAT_DIALOGUE_SERVERS`: so many processes answer, and the gateway knows all of them."""

from pathlib import Path

import pytest

from chat_server.launch.supervisor import everything
from chat_server.settings import Settings


@pytest.mark.parametrize("how_many", [1, 3])
def test_the_gateway_is_told_of_every_dialogue_process(tmp_path, how_many):
    services = everything(Settings(data_dir=tmp_path, dialogue_servers=how_many), 8000, Path("model"))
    models = [service for service in services if service.name.startswith("dialogue")]
    assert [service.name for service in services] == ["actions", *(model.name for model in models), "gateway"]
    assert len({model.name for model in models}) == len({model.port for model in models}) == how_many
    told = services[-1].environ["CHAT_RASA_URL"].split(",")
    assert told == [f"http://127.0.0.1:{model.port}" for model in models]
    assert {model.environ["CHAT_RASA_TOKEN"] for model in models} == {services[-1].environ["CHAT_RASA_TOKEN"]}
