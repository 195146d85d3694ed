"""Diagnostics against single events."""

from shoeroot.treemakers import Diagnostics


def test_texts_and_numbers_are_those_of_the_events(made, records):
    data = made("Diagnostics")

    for row, event in enumerate(records):
        found = data.loc[row]
        assert found["cpu_seconds"] == event.cpu_seconds
        assert found["return_code"] == event.return_code
        assert found["engine"] == event.engine
        assert found["template"] == event.template
        assert found["weather"] == event.weather
        assert found["model_hash"] == event.model_hash
        assert found["messages"] == sum(message.count for message in event.messages)
        assert found["message_kinds"] == len(event.messages)


def test_failed_runs_say_why(made, failed):
    worst = made("Diagnostics").loc[failed]

    assert set(worst["worst_severity"]) <= {"severe", "fatal"}
    assert worst["worst_message"].str.len().min() > 10


def test_the_first_of_the_worst_messages_is_kept(handmade):
    said = [
        handmade.message("warning", "mild", 9),
        handmade.message("severe", "first severe"),
        handmade.message("severe", "second severe", 2),
    ]
    columns = handmade.extract(
        Diagnostics(), handmade.simulation(messages=said), handmade.simulation()
    )

    assert columns["worst_severity"].tolist() == ["severe", ""]
    assert columns["worst_message"].tolist() == ["first severe", ""]
    assert columns["messages"].tolist() == [12, 0]
    assert columns["message_kinds"].tolist() == [3, 0]
