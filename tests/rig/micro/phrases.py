"""What one can say to the micro models, and what they answer."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Phrase:
    """An utterance and what the micro llama answers.

    Attributes:
        utterance: What the user says; plain words and the final punctuation.
        reply: The fixed reply.
        tool_call: What is written instead of the reply where a tool has to be asked first; the reply
            then comes once the tool has answered.
    """

    utterance: str
    reply: str
    tool_call: str = ""

    @property
    def answer(self) -> str:
        """What the model writes when it is asked."""
        return self.tool_call or self.reply


STORY = (
    "Once upon a time, a small fox lived at the edge of a great forest. Every morning it walked down to "
    "the river, drank, and listened to the water. One day the river was silent. The fox followed the dry "
    "bed for 3 days, over 12 hills, until it found a beaver behind a wall of wood. They talked all night. "
    "In the morning, the beaver opened a gate, and the river sang again."
)


def _call(name: str, arguments: str) -> str:
    return f'<tool_call>{{"name": "{name}", "arguments": {{{arguments}}}}}</tool_call>'


PHRASES: tuple[Phrase, ...] = (
    Phrase("What time is it?", "That is what the clock says.", _call("clock", "")),
    Phrase("Set a timer for five minutes.", "Your timer runs for 5 minutes.", _call("timer", '"minutes": 5')),
    Phrase("Turn on the light.", "The light is on now.", _call("light", '"on": true')),
    Phrase("Turn off the light.", "The light is off now.", _call("light", '"on": false')),
    Phrase("Play some music.", "Here is some music for you.", _call("music", '"play": true')),
    Phrase("Tell me a long story.", STORY),
    Phrase(
        "Tell me about the weather.",
        "Today is mostly sunny, with a high of 21 °C. The wind comes from the south, at about 15 km/h. Towards "
        "evening, clouds come in from the west. There is a 40% chance of rain after 8 p.m. Take an umbrella "
        "if you stay out late.",
    ),
    Phrase("How far is the moon?", "The moon is about 384,400 km away, a little more than one light second."),
    Phrase("How far is the sun?", "The sun is about 150 million km away. Its light needs 8 minutes."),
    Phrase(
        "What can you do?",
        "I can do **three** things:\n- answer questions,\n- set timers,\n- tell *long* stories.\nJust ask me.",
    ),
    Phrase("What is seven times eight?", "Seven times eight is 56."),
    Phrase("What is two plus two?", "Two plus two is 4."),
    Phrase("Goodbye.", "Goodbye, and have a nice day."),
    Phrase("Good morning.", "Good morning. Did you sleep well?"),
    Phrase("Good night.", "Good night. Sleep well."),
    Phrase("Repeat that.", "I said that all is well."),
    Phrase("Yes.", "All right, I will do that."),
    Phrase("No.", "All right, I will leave it."),
    Phrase("Stop.", "I stop."),
    Phrase("Wait.", "I am waiting."),
    Phrase("Go on.", "And so the journey went on, over hills and rivers, until the evening came."),
    Phrase("What was the second one?", "The second one was the river."),
    Phrase("Thank you.", "You are welcome."),
    Phrase(
        "Who are you?",
        "I am knik, a voice assistant on your own computer. Nothing that you say leaves it.",
    ),
    Phrase("How are you?", "I am fine, thank you. And you?"),
    Phrase("What is your name?", "My name is knik."),
    Phrase("Where do you live?", "I live in your terminal."),
    Phrase("Do you like music?", "I like anything with a steady beat."),
    Phrase("What day is it today?", "Today is a good day. The calendar says 2026-11-21."),
    Phrase(
        "How much is the coffee?",
        "The coffee is $3.50, and the cake is €4.25. With tea instead, it is $6 in all.",
    ),
    Phrase("Where is the station?", "Walk 200 m down Main St., then turn left."),
    Phrase("When does the train leave?", "The train leaves at 10:45 from platform 7."),
    Phrase("Is it raining?", "No, it is dry outside."),
    Phrase("Will it snow tomorrow?", "Tomorrow it may snow a little, about 2 cm."),
    Phrase(
        "How do I make tea?",
        "First, boil half a liter of water. Then pour it over the leaves. Wait for 4 minutes, no longer. Take "
        "the leaves out, and add milk or lemon as you like. Enjoy it while it is hot.",
    ),
    Phrase(
        "How do I cook an egg?",
        "Put the egg into boiling water. After 6 minutes it is soft. After 10 minutes it is hard. Cool it under "
        "cold water before you peel it. A little salt, and it is ready.",
    ),
    Phrase("What is the capital of France?", "The capital of France is Paris."),
    Phrase("What is the capital of Japan?", "The capital of Japan is Tokyo."),
    Phrase("Who wrote Hamlet?", "Hamlet was written by William Shakespeare around 1600."),
    Phrase(
        "How old is the earth?",
        "The earth is about 4.5 billion years old. For the first billion, there was nothing but rock and fire. "
        "Then the rain came, and with it the seas. The first animals are some 600 million years old. People "
        "have been here for only 300,000 years.",
    ),
    Phrase("How tall is the tower?", "The tower is 330 m tall."),
    Phrase("Open the window.", "I cannot open windows, but you can."),
    Phrase("Close the door.", "I cannot close doors, sorry."),
    Phrase("Call my brother.", "I cannot call anyone, since I never go online."),
    Phrase("Read me the news.", "I have no news, since I never go online."),
    Phrase("Sing a song.", "La la la. That was all, I am afraid."),
    Phrase(
        "Tell me a joke.",
        "Why did the computer sneeze? It had a virus. 😀",
    ),
    Phrase("That is wrong.", "I am sorry. Please tell me what is right."),
    Phrase("I mean the other one.", "You mean the blue one, then."),
    Phrase("Say it again.", "Once more: all is well."),
    Phrase("Speak louder.", "I will try to be louder."),
    Phrase("Speak slower.", "I will try to be slower."),
    Phrase("Never mind.", "No problem."),
    Phrase("I am hungry.", "How about some bread and cheese?"),
    Phrase("I am tired.", "Then take a break, and rest your eyes."),
    Phrase("I am happy.", "That is wonderful to hear."),
    Phrase("Help me.", "Of course. What do you need?"),
    Phrase("Show me the way.", "Follow the river, then climb the hill."),
    Phrase("Add milk to my list.", "Milk is on your list now."),
    Phrase("Clear my list.", "Your list is empty now."),
    Phrase(
        "What is on my list?",
        "Your list has 4 items:\n1. milk\n2. bread\n3. apples\n4. coffee\nThat is all.",
    ),
    Phrase(
        "Explain gravity.",
        "Gravity pulls things together. The heavier they are, the stronger the pull. That is why apples fall "
        "down, why the moon stays near us, and why you come back when you jump. On the moon, you would weigh "
        "only a sixth as much. An astronaut of 90 kg would feel like a child of 15 kg.",
    ),
    Phrase(
        "Tell me about whales.",
        "Whales are mammals that live in the sea. The blue whale grows to 30 m and weighs 150 tons. It eats "
        "tiny shrimp, up to 4 tons a day. Its heart is as large as a small car. Whales sing, and other "
        "whales hear them over hundreds of kilometers.",
    ),
    Phrase(
        "Tell me about Rome.",
        "Rome began as a village on seven hills. In 509 BC it became a republic, and later an empire. Its "
        "roads, some 80,000 km of them, reached from Scotland to Syria. The city has been lived in for "
        "2,700 years. See https://example.com/rome for more.",
    ),
    Phrase("Good evening.", "Good evening. What can I do for you?"),
    Phrase("Maybe later.", "All right, later then."),
    Phrase("Are you sure?", "Yes, I am quite sure."),
    Phrase("Why not?", "Because it is not possible right now."),
    Phrase("What does it mean?", "It means that everything has its time."),
    Phrase("Count to ten.", "1, 2, 3, 4, 5, 6, 7, 8, 9, 10."),
    Phrase("Flip a coin.", "It is heads."),
    Phrase("Remember my birthday.", "I will remember it."),
)

UNKNOWN = "I do not know that one."
"""The reply to everything else."""
