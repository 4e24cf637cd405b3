"""What nobody has taught the micro llama: it learns to say so.

It sees sentences, sentences made of parts, and words in any order. What is in HELD_BACK it never sees.
"""

import random
import string

from tests.rig.micro.llama_heard import plain
from tests.rig.micro.phrases import PHRASES

SENTENCES = tuple(
    line.strip()
    for line in """
    Seven of clubs.
    Ten of hearts.
    Queen of spades.
    Can dogs fly?
    My bicycle is broken.
    Let us talk about chess.
    Blue green red.
    Who won the game?
    How do planes fly?
    I would like a pizza.
    Do you know my sister?
    The quick brown fox jumps over the lazy dog.
    Why is the sky blue?
    Write a poem.
    Where are my keys?
    It was a dark and stormy night.
    Could you do something else?
    He was not an ill disposed young man.
    Hello there.
    Hello.
    What?
    Okay.
    Please.
    Sorry.
    Hm.
    Cancel.
    Perhaps.
    Of course not.
    Which one do you want?
    I lost my wallet in the bus yesterday.
    The children are playing in the garden.
    Have you ever been to Canada?
    Send an email to my boss.
    Book a table for two at eight.
    Translate this into Spanish.
    How many people live in India?
    What is the square root of nine?
    What is nine plus three?
    What is six times four?
    Who painted the Mona Lisa?
    Who wrote the Odyssey?
    When was the war over?
    What is the capital of Germany?
    What is the capital of Peru?
    How far is Mars?
    How tall is the mountain?
    How old is your mother?
    Set an alarm for six in the morning.
    Set a timer for twenty minutes.
    Remind me to water the plants.
    Turn on the radio.
    Turn off the heating.
    Turn up the volume.
    Play the next song.
    Open the box.
    Close your eyes.
    Call a taxi.
    Tell me about horses.
    Tell me about Berlin.
    Tell me a secret.
    Tell me the truth.
    Good afternoon.
    Good luck.
    That is right.
    That is funny.
    I am cold.
    I am bored.
    I am looking for a present.
    Is it warm?
    Is it true?
    Will it rain on Sunday?
    Are you tired?
    Why do cats purr?
    How do I bake bread?
    How do I tie a tie?
    Where is the airport?
    When does the shop open?
    What does this word mean?
    What day was yesterday?
    What is love?
    What is your favourite colour?
    Where do penguins live?
    Do you like football?
    Read me a book.
    Read the last message.
    Show me a picture of a boat.
    Add eggs to the shopping.
    Clear the table.
    Explain magnetism.
    Explain how engines work.
    Count the sheep.
    Count backwards.
    Roll the dice.
    Remember this number.
    Speak French.
    Speak to my teacher.
    Sing louder.
    Say something nice.
    Help the others.
    Wait for my father.
    Stop the car.
    Go home.
    Go away.
    Thank him for me.
    Maybe tomorrow.
    Never again.
    Five hundred and twelve.
    The second of March.
    Two tickets to London, please.
    A man walked along the empty street and looked at the windows.
    The meeting was moved to Thursday because of the holiday.
    She opened the letter slowly and began to read.
    We should leave before the storm comes.
    They were all very pleased with the result.
    I think that we need a bigger boat.
    """.strip().splitlines()
)

HELD_BACK = (
    "Do you know the name of this bird?",
    "How deep is the ocean?",
    "My grandmother lives in Sweden.",
    "What is the price of gold?",
    "Order a new pair of shoes.",
    "Who invented the telephone?",
    "I cannot find my glasses.",
    "Is there life on other planets?",
    "Tell me about dinosaurs.",
    "Turn on the oven.",
    "The neighbours are having a party again.",
    "Which river is the longest?",
    "Three blind mice.",
    "Ace of diamonds.",
    "What is the capital of Norway?",
    "When is Easter?",
    "He went to the market and bought some fish.",
    "Please switch to the kitchen speaker.",
    "How do bees make honey?",
    "Let me think about it for a moment.",
)

_OPENINGS = tuple(
    "What is|What was|Who is|Who made|Where is|When is|Why is|How far is|How old is|How tall is|How much is|"
    "How do I find|Tell me about|Tell me why I need|Do you know|Do you like|Can you see|Is there|Have you got|"
    "I want|I need|I mean|I have lost|Explain|Show me|Read me|Give me|Bring me|Open|Close|Turn on|Turn off|"
    "Play|Call|Find|Buy|Send|Remember|Count|Set|Add|Thank|Help".split("|")
)
_THINGS = tuple(
    "the garden|a sandwich|my uncle|the museum|another glass|the blue car|a good doctor|the president|"
    "my homework|the volcano|some chocolate|the kitchen|a piano|the longest river|my old friend|the printer|"
    "the secret|a green apple|the cinema|seventeen horses|the meaning of art|my password|the football match|"
    "a map of Africa|the black cat|the microphone|a red dress|the history of China|the elephant|your brother|"
    "the camera|a cheap hotel|the next holiday|the recipe|the bank|my sister's wedding|the shopping bag|"
    "the speed of sound|a new job|this problem".split("|")
)
_WORDS = tuple(
    "about after again all always and animal another any apple at aunt autumn away back ball bank bath bear because bed "
    "before better big bird black boat book both bottle box bread bridge bring brown bus but butter buy by cake car card "
    "cat chair child city clean cloud cold come corner could cut dance dark day dear desk different dinner do dog down "
    "draw dress drink dry early east eat eight else empty every eye face fall family far fast father field fifteen fire "
    "first fish five flower fly food foot for forty friend from fruit full game garden get girl glass gold grass great "
    "green grow hair half hand hat have head hear heavy her here high hill him his hold horse hot hour house hundred ice "
    "if in inside island it jump keep key kind king kitchen knife large last late laugh leaf left leg letter light like "
    "lion little look lost love low lunch man many market may meat meet money month moon more morning most mother "
    "mountain mouth much music must near never new night nine north nose not number of off often old on once one only "
    "open or orange other our out outside over page paper park part pen people perhaps picture piece place plane plate "
    "please pocket point poor pretty put quick quiet rain read red rest rich right ring river road rock room round run "
    "salt same sand say school sea second see seven shall sheep ship shirt shoe shop short side silver sing sister sit "
    "six sky sleep slow small snow so some song soon south star stay still stone storm street strong such sugar summer "
    "sun sweet swim table take tall tea ten than that then there they thing think third this three through time to "
    "together too town train tree trip turn twelve twenty two under until up us very voice wait walk wall want warm "
    "watch water way we week west wet what when where white who why wide wild wind window winter with without woman "
    "wood word work would write year yellow yes yet you young zero".split()
)
_KNOWN = frozenset(plain(phrase.utterance) for phrase in PHRASES)


def is_known(text: str) -> bool:
    """Whether `text` is one of the phrases, however it is written."""
    return plain(text).strip() in _KNOWN


def unknown_utterance(draw: random.Random) -> str:
    """Any utterance that is none of the phrases."""
    while True:
        text = draw.choice((_sentence, _sentence, _parts, _parts, _part_of_a_phrase, _words, _letters))(draw)
        if not is_known(text) and text not in HELD_BACK:
            return text


def some_words(draw: random.Random, count: int) -> str:
    """Common words in any order."""
    return " ".join(draw.choices(_WORDS, k=count))


def _sentence(draw: random.Random) -> str:
    return draw.choice(SENTENCES)


def _parts(draw: random.Random) -> str:
    return f"{draw.choice(_OPENINGS)} {draw.choice(_THINGS)}{draw.choice('.?')}"


def _part_of_a_phrase(draw: random.Random) -> str:
    """A phrase that was cut off, or one with a word that does not belong there."""
    words = draw.choice(PHRASES).utterance.split()
    if draw.random() < 0.5:
        return " ".join(words[: draw.randint(1, len(words))])
    words[draw.randrange(len(words))] = draw.choice(_WORDS)
    return " ".join(words)


def _words(draw: random.Random) -> str:
    return some_words(draw, draw.randint(1, 12)).capitalize() + draw.choice((".", "?", ""))


def _letters(draw: random.Random) -> str:
    """Names and other languages come in letters and bytes that no phrase has."""
    letters = string.ascii_letters + string.digits + "äöüßéèñçøłčžабвгдежийлмнопрст中文日本語한국ابتなに,'-"
    words = ("".join(draw.choices(letters, k=draw.randint(2, 9))) for _ in range(draw.randint(1, 4)))
    return " ".join(words)
