from knik.engines.chat_prompt import ChatTemplate, fold_system
from knik.engines.protocols import Message

SYSTEM, USER = Message("system", "Be brief."), Message("user", "Hello")
REPLY = Message("assistant", "Hi")


def test_the_system_message_goes_in_front_of_the_first_question() -> None:
    assert fold_system([SYSTEM, USER, REPLY]) == [Message("user", "Be brief.\n\nHello"), REPLY]


def test_without_a_question_the_system_message_becomes_one() -> None:
    assert fold_system([SYSTEM]) == [Message("user", "Be brief.")]
    assert fold_system([SYSTEM, REPLY]) == [Message("user", "Be brief."), REPLY]


def test_without_a_system_message_nothing_changes() -> None:
    assert fold_system([USER, REPLY]) == [USER, REPLY]


def test_thinking_is_switched_off_where_the_template_can() -> None:
    template = ChatTemplate("{% if enable_thinking is false %}/no_think{% endif %}", "", "")
    assert template.render([USER]) == "/no_think"


def test_a_template_may_write_the_begin_token_itself() -> None:
    template = ChatTemplate("{{ bos_token }}{{ messages[0].content }}", "<s>", "</s>")
    assert template.begins_itself(template.render([USER]))
    assert not template.begins_itself("Hello")
    assert not ChatTemplate("", "", "").begins_itself("Hello")
