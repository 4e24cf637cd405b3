"""The requests of the reflexes as a JSGF grammar, which makes a simple recogniser surer."""

import re

GRAMMAR = """#JSGF V1.0;
grammar commands;
public <command> = [<polite>] <request> [please];
<polite> = please | can you | could you | tell me;
<request> = <clock> | <timer> | <sum> | <control> | <convert>;
<clock> = what time is it | what is the time | the time | what is the date | what day is it
  | what day is it today | what year is it | what is today's date;
<timer> = set a timer for <number> ( seconds | minutes | hours )
  | set a timer for ( a minute | an hour | half an hour )
  | cancel the timer | stop the timer;
<sum> = ( what is | how much is | calculate ) <number> ( plus | minus | times | divided by ) <number>
  | what is <number> percent of <number> | what is the square root of <number>;
<convert> = how many ( feet | inches | yards | meters | pounds | grams | liters | ounces | kilometers
  | miles | cups | minutes | seconds | hours ) are in ( a | an | one | <number> )
  ( foot | yard | mile | miles | meter | meters | kilometer | kilometers | pound | pounds | kilogram
  | kilograms | gallon | gallons | liter | liters | hour | hours | day | days | week );
<control> = stop | wait | quiet | be quiet | stop talking | repeat that | say that again | slower
  | faster | slow down | speak slower | speak faster | goodbye | good night | help | what can you do
  | who are you | thank you | thanks | hello | good morning | good evening | never mind;
<number> = <digit> | <teen> | <ten> | <ten> <digit> | [a | one] hundred | <digit> hundred
  | <digit> hundred <ten>;
<digit> = one | two | three | four | five | six | seven | eight | nine;
<teen> = ten | eleven | twelve | thirteen | fourteen | fifteen | sixteen | seventeen | eighteen
  | nineteen;
<ten> = twenty | thirty | forty | fifty | sixty | seventy | eighty | ninety;
"""
"""JSGF 1.0 (W3C note of June 2000); every word is in the dictionary of PocketSphinx's en-us model."""

REQUEST = "[<polite>] <request> [please]"


def grammar(call: str = "") -> str:
    """The grammar of the requests.

    Args:
        call: Words that call knik and that it may be sent to sleep after, or "" for none.
    """
    if not call:
        return GRAMMAR
    words = " ".join(re.findall(r"[^\W_]+(?:'[^\W_]+)*", call.casefold()))
    called = f"{REQUEST} | {words} [{REQUEST}] | [{words}] go to sleep"
    return GRAMMAR.replace(f"<command> = {REQUEST};", f"<command> = {called};")
