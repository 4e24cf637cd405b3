"""Utterances with pauses, none of which the rules of `knik.dialogue.completeness` were written with.

Two sets. `SCRIPTS` were made up for this benchmark, before its first run. `people` takes sentences that
people wrote for an assistant (CLINC150, see `benchmarks/data/README.md`) and lets them pause at a word drawn
by lot.
"""

import random
from dataclasses import dataclass
from pathlib import Path

PEOPLE = Path(__file__).parent / "data" / "clinc150-test.txt"


@dataclass(frozen=True, slots=True)
class Utterance:
    """What somebody says in one turn.

    Attributes:
        kind: Where it pauses, or what it is.
        parts: The words before, between and after the pauses, with their punctuation.
        asked: What the assistant said last.
    """

    kind: str
    parts: tuple[str, ...]
    asked: str = ""


SCRIPTS = """
question
What's the weather like in Berlin today?
How many ounces are in a pound?
Who painted the Mona Lisa?
When does the pharmacy close?
Is there a train to Manchester tonight?
Why do cats purr?
How do I get to the nearest petrol station?
Did my sister call while I was out?

command
Turn the heating down a little.
Add washing powder to my shopping list.
Wake me up at half past six.
Read me the headlines.
Set the oven timer to forty minutes.
Skip this song.

statement
I just got home from work.
My train was late again this morning.
It's far too hot in here.
The dog has eaten my sandwich.

filler
I'm looking for, um, | a good Italian restaurant.
Can you, uh, | remind me to water the plants?
So, well, | how long does it take to boil potatoes?
Play that song by, erm, | the one from the advert.
It was, you know, | really quite expensive.
We could go to the, uh, | the cinema on Friday.

conjunction
I wanted to call her but | the line was busy.
Tell me if it rains because | I left the windows open.
Turn off the kitchen light and | turn on the one in the hall.
We can eat at seven or | we can wait for Tom.
I'll do the dishes while | you tell me the news.
It's a nice flat although | the kitchen is rather small.

preposition
Book a table for two at | the Golden Lion.
What's the fastest way from | here to the airport?
Send a message to | my brother in law.
How much is a ticket to | Edinburgh on Saturday?
I put the keys under | the flower pot by the door.
Set a reminder for | the dentist on Monday.

article
What is the | boiling point of water?
Did you find a | cheaper hotel?
Open my | calendar for next week.
Who is the president of the | United States?

middle
The meeting tomorrow morning | has been moved to three o'clock.
My mother's birthday | is on the ninth of May.
Do you think the shops | are still open?
I was reading about black holes | and I didn't understand it.
Last summer we drove to Portugal | with the children.
The blue jacket | not the green one.
Yesterday I met a man | who had never seen the sea.
What time does the museum | open on Sundays?
Translate good morning | into Japanese.
Play some jazz | from the fifties.

list
Add eggs, | flour, | and butter to the list.
I need bread, milk, | and a dozen apples.
Invite Anna, | Peter, | and the neighbours.
Pack the tent, the stove, | the lamp | and two blankets.
My favourites are red, | blue, | and dark green.

digits
My number is seven nine four | two double one | six three eight.
The code is four nine | zero two.
Call oh one six three | four nine six | oh double two.
The booking reference is eight one | five five | three.
It's nine three one two | seven seven oh four.

thinking
Let me think. | The red one, please.
Hold on a second. | Yes, it was Tuesday.
Give me a moment. | Okay, what was the question again?
That's a good question, let me see. | I would take the earlier train.

asked
Which city do you mean? // The one in, um, | in Ohio.
What should I call the list? // Call it | things to fix.
How long should the timer run? // About | twenty five minutes.
For when shall I set it? // Tomorrow morning | at a quarter to seven.
Would you like to hear more? // Yes, please.
Shall I turn it off? // No, leave it on.
Who should I send it to? // To my sister.
What would you like to eat? // I think | something with rice | and not too spicy.
"""


def scripted(text: str = SCRIPTS) -> list[Utterance]:
    """The utterances of a text like `SCRIPTS`: blocks that begin with their kind, a pause at each bar, what
    was asked before two slashes."""
    found = []
    for block in text.strip().split("\n\n"):
        kind, *lines = block.split("\n")
        for line in lines:
            asked, _, said = line.rpartition("//")
            parts = tuple(part.strip() for part in said.split("|"))
            found.append(Utterance(kind, parts, asked.strip()))
    return found


def people(seed: int) -> list[Utterance]:
    """People's sentences; every other one pauses once, after any of its words but the last."""
    rng = random.Random(seed)
    found = []
    for number, line in enumerate(PEOPLE.read_text("utf-8").splitlines()):
        words = line.split()
        cut = rng.randrange(1, len(words)) if number % 2 else len(words)
        parts = tuple(" ".join(part) for part in (words[:cut], words[cut:]) if part)
        found.append(Utterance("people", parts))
    return found
