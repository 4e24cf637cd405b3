"""Words and phrases of English that tell whether an utterance is over; lower case.

The closed classes are grammar's. Of the open ones, those words were taken that hardly ever end a sentence, or
that often begin one, in the training part of CLINC150 (Larson et al., 2019): 15 100 requests to an assistant.
"""

import re

HESITATIONS = frozenset("um uh erm er hmm hm mm ah eh uhm well like".split())

DETERMINERS = frozenset(
    "a an the my your his our their its every each some any these those whose another".split()
)
SUBJECTS = frozenset("i we he she they".split())
"""Pronouns that only begin a clause."""

PRONOUNS = SUBJECTS | frozenset("you it that this there".split())
BE = frozenset("is are was were am be been being".split())
MODALS = frozenset(
    "do does did can could will would shall should may might must has had don't doesn't didn't can't"
    " won't couldn't wouldn't shouldn't haven't hasn't".split()
)
"""Auxiliaries after which a subject or a verb must come."""

AUXILIARIES = BE | MODALS | frozenset("have isn't aren't wasn't weren't".split())
"""A clause with one of these has its verb."""

CONJUNCTIONS = frozenset(
    "and or but so because if when while although though since unless until than whether which nor".split()
)
PREPOSITIONS = frozenset(
    "about above after against among around as at before behind below beneath beside between by during"
    " for from in into near of on onto over per through to toward towards under until upon via with"
    " without".split()
)
PARTICLES = frozenset("on in over around through".split())
"""Prepositions that also go with a verb: turn the light on."""

INTENSIFIERS = frozenset("very really quite too rather just only even not also".split())
ATTRIBUTES = frozenset(
    "new current recent nearest closest cheapest nicest best most many other same every several entire"
    " upcoming available national international certain".split()
)
"""Adjectives that a noun must follow in all but a few sentences."""

WANTS_OF = frozenset("kind kinds sort sorts type types amount lot couple pair bunch bit plenty".split())
TRANSITIVE = frozenset(
    "add book bring buy called confirm convert create find get give gonna got gotta hear hope keep know"
    " let let's locate make mean means named need play put remind remove reserve say schedule send share"
    " show spell take tell think transfer update wanna want wish".split()
)
"""Verbs whose object follows, unless a question word took it to the front."""

CONTRACTIONS = re.compile(
    r"(i|you|we|they|he|she|it|there|who|what|that|how|where|when|why|let|here)'(d|ll|ve|re|m|s)"
)
OPERATORS = frozenset("plus minus times divided equals".split())

QUESTION_WORDS = frozenset("what who whose where when why how which whom".split())
OPENS_A_QUESTION = QUESTION_WORDS | AUXILIARIES - frozenset("be been being don't".split())

COMMANDS = frozenset(
    "add answer arrange ask begin block book bring buy calculate call cancel change check choose clear"
    " close compare confirm connect continue convert cook count create cut decrease define delete"
    " describe dial dim display do don't double download draw email end establish exchange explain fill"
    " find finish fix flip forget freeze get give go guess help hold increase inform invite keep know"
    " leave let let's list listen locate lock look lower make mark measure message move mute name notify"
    " open order pack pause pay pick place play provide purchase put raise read record redeem reduce"
    " remember remind remove rename repeat replace replay report request reschedule reserve reset"
    " restart resume roll save say schedule search select send set share shop show shuffle shut sing"
    " skip slow sort speak speed spell start stay stop submit subtract suggest switch sync take talk"
    " teach tell text throw toggle track transfer translate try tune turn unlock unmute update use wait"
    " wake write".split()
)
THANKS = frozenset("thank thanks goodbye bye".split())
OBJECT_IN_FRONT = frozenset("what who whom which whose".split())
"""Question words that are the object of a verb at the end: what do you want."""

WANTS_A_TARGET = frozenset("translate convert".split())
"""Commands that are not whole before they say into what."""

SHORT_ANSWERS = frozenset(
    "yes no yeah yep nope okay ok sure stop thanks hello hi hey goodbye bye right correct exactly never"
    " maybe again continue louder quieter faster slower cancel pause resume next".split()
)
SHORT_PHRASES = frozenset(
    "thank you|thank you very much|thanks a lot|good morning|good evening|good night|of course"
    "|of course not|not really|i think so|i don't think so|i do not know|i don't know|no idea"
    "|never mind|go on|go ahead|that is all|that's all|that's it|no thanks|no thank you|yes please"
    "|sounds good|all right|shut up|be quiet|hold it|repeat that|me too|see you|see you later|you too"
    "|not yet|that's right|that is right|not that i know|i hope so|what's up|whats up|how are you|it is"
    "|it was|i am|i do|i did|i can|i will|i have|they are|we are|turn it on|turn it off|turn it up"
    "|turn it down".split("|")
)
TRAILING_FILLERS = ("you know", "i mean", "kind of", "sort of", "let's say", "or something like", "such as")

WANTS_TIME = re.compile(
    r"\b(let me (think|see|check|look|remember)|let's see|(that's a |a )?good question"
    r"|i('d| would)? have to think"
    r"|give me (just )?(a|one) (sec|second|moment|minute)"
    r"|((just|hold on|hang on|wait|please) )?((for )?(just )?(a|one|half a) (sec|second|moment|minute))"
    r"|hold on|hang on|how (do|shall|should) i (say|put)|where was i|what was (it|i saying))"
    r"( now| then| again| please| about (it|that)| (it|this|that))*$"
)
OPENINGS = re.compile(
    r"^((and|so|well|okay|ok|um|uh|hey|please|yes|no) )*"
    r"(i would like|i'd like|i want|i need|can you|could you|would you|will you|can i|could i|may i"
    r"|i think|i was|i am|i have|do you know|do you have|tell me|show me|give me|let me|remind me|help me"
    r"|send me|what about"
    r"|how about|what if|is there|are there|was there|were there|set a|set an|set the|turn|play|call"
    r"|the thing is|what i mean is|i wonder|i was wondering|it depends)"
    r"( please| also| maybe| just)?$"
)
LEAD_INS = frozenset("and so well okay ok um uh hey please now then yes yeah no oh knik".split())

ENDS_A_LIST = frozenset(
    "and or please thanks thank then too though right okay knik today tomorrow yes no it me you"
    " instead".split()
)
"""A word like these after a comma ends a list, or shows that there is none."""

DIGITS = frozenset("zero oh one two three four five six seven eight nine double triple".split())
NUMBERED = frozenset(
    "number code pin reference phone telephone zip postcode extension account password".split()
)
"""What is given digit by digit."""

IRREGULAR = frozenset(
    "ate became began bought broke brought built came caught chose cost cut did drank drove fell felt"
    " flew forgot found gave got grew had heard held hit hurt kept knew left let lost made meant met"
    " paid put ran read rode said sang sat saw sent shut slept spent spoke stole stood swam taught"
    " thought threw told took understood went woke won wore wrote".split()
)
VERBS = IRREGULAR | frozenset(
    "agree believe belong come comes cost costs doubt enjoy feel feels forget get gets go goes guess"
    " happen happens hate have hear hope keep keeps know like likes live lives look looks love loves"
    " mean means need needs prefer promise rains remember say says see seem seems sounds start starts"
    " suppose take takes taste tastes think thinks understand use want wants wish work works".split()
)
"""Verbs that a clause of everyday talk is likely to have, beside those in -ed."""
