"""Business prose put together from frames and word lists: as long as wanted, on known topics, never twice."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

from core.content import Block, Content


@dataclass(frozen=True, slots=True)
class Topic:
    """`frames` are sentences with {places} for words of WORDS."""

    title: str
    hints: tuple[str, ...]
    headings: tuple[str, ...]
    frames: tuple[str, ...]


WORDS: dict[str, tuple[str, ...]] = {
    "team": (
        "The field team", "The quality group", "The purchasing office", "The support desk",
        "The finance department", "The regional board", "The maintenance crew", "The training unit",
        "The planning office", "The audit committee", "The logistics group", "The product team",
    ),
    "place": (
        "Austin", "Puebla", "Goiânia", "Monterrey", "Tulsa", "Campinas", "Guadalajara", "Curitiba", "Denver",
        "Mérida", "Recife", "Toledo", "Santos", "Querétaro", "Omaha", "Natal",
    ),
    "thing": (
        "sensors", "pallets", "gateways", "certificates", "shipments", "invoices", "work orders", "samples",
        "probes", "vehicles", "training hours", "inspection reports", "spare parts", "customer visits",
        "cold rooms", "service calls", "data sheets", "delivery notes",
    ),
    "person": (
        "Ana Ruiz", "Marcus Lee", "Caio Menezes", "Dana Whitlock", "Renata Gomes", "Oscar Rivas",
        "Judith Amsel", "Gabriel Ochoa", "Priscila Alves", "Thomas Green", "Elena Prieto", "Kelly Vasques",
    ),
    "month": (
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
        "November", "December",
    ),
    "cause": (
        "because the second supplier delivered late", "after the new route was opened",
        "as the contract with the carrier ended", "since two crews were retrained",
        "because the warehouse moved to a larger site", "after the software was updated",
        "as customs asked for further papers", "because the winter was milder than planned",
        "after the night shift was introduced", "since the price of freight came down",
    ),
    "effect": (
        "which shortened the waiting time", "which left more room for repairs",
        "so that fewer complaints were received", "which the customers noticed at once",
        "so that the stock lasted until the end of the quarter", "which made the second phase cheaper",
        "so that no order had to be refused", "which freed two people for other work",
    ),
}  # fmt: skip

TOPICS: dict[str, Topic] = {
    "costs": Topic(
        "Costs and budget",
        ("cost", "budget", "spending", "expense"),
        ("Spending of the period", "Budget", "What it cost"),
        (
            "The cost of the {thing} in {place} came to {money} dollars, {percent} % of the budget, {cause}.",
            "Spending on {thing} rose to {money} dollars in {month}, {effect}.",
            "{team} kept its budget of {money} dollars for {thing} in {place}, {cause}.",
            "An expense of {money} dollars for the {thing} of {place} was moved to {month}, {effect}.",
        ),
    ),
    "quality": Topic(
        "Quality of service",
        ("quality", "defect", "complaint", "service level"),
        ("Quality", "Defects and complaints", "Service quality"),
        (
            "The quality checks in {place} found {number} defects in {count} {thing}, {cause}.",
            "{team} answered {number} complaints about {thing} in {month}, {effect}.",
            "The service level for {thing} in {place} reached {percent} % in {month}, {cause}.",
            "A second quality inspection of {count} {thing} was agreed with {person}, {effect}.",
        ),
    ),
    "staff": Topic(
        "People and training",
        ("staff", "training", "hiring", "employee"),
        ("People", "Training of the crews", "Hiring"),
        (
            "{team} hired {number} employees for {place} in {month}, {cause}.",
            "The training of {number} people on {thing} took {count} hours in {place}, {effect}.",
            "{person} leads the staff of {place}, {number} people who look after {thing}, {cause}.",
            "{number} employees of {place} passed the training on {thing} in {month}, {effect}.",
        ),
    ),
    "risks": Topic(
        "Risks",
        ("risk", "threat", "exposure", "contingency"),
        ("Risks", "What may go wrong", "Exposure"),
        (
            "The risk that {thing} run out in {place} is rated at {percent} % by {person}, {cause}.",
            "A delay of {number} days of the {thing} is the largest threat to {place} in {month}, {effect}.",
            "{team} holds {money} dollars as a contingency against the loss of {thing} in {place}, {cause}.",
            "The exposure of {place} to late {thing} fell to {percent} % in {month}, {effect}.",
        ),
    ),
    "schedule": Topic(
        "Schedule and milestones",
        ("schedule", "milestone", "deadline", "phase"),
        ("Schedule", "Milestones", "Phases of the work"),
        (
            "The milestone of {count} {thing} in {place} was reached on {number} {month} 2026, {cause}.",
            "The schedule of {place} foresees {count} {thing} until {month}, {effect}.",
            "{team} moved the deadline for the {thing} of {place} to {month}, {cause}.",
            "The second phase in {place} begins in {month} with {count} {thing}, {effect}.",
        ),
    ),
    "suppliers": Topic(
        "Suppliers and purchasing",
        ("supplier", "purchasing", "contract", "order"),
        ("Suppliers", "Purchasing", "Contracts with suppliers"),
        (
            "The supplier in {place} delivered {count} {thing} in {month}, {cause}.",
            "{person} signed a contract for {count} {thing} with a supplier from {place}, {effect}.",
            "Purchasing compared {number} offers for {thing} before the order for {place}, {cause}.",
            "The supplier of {thing} in {place} gave a discount of {percent} % in {month}, {effect}.",
        ),
    ),
    "customers": Topic(
        "Customers",
        ("customer", "satisfaction", "renewal", "account"),
        ("Customers", "Satisfaction", "Renewals"),
        (
            "{number} customers in {place} renewed their contracts for {thing} in {month}, {cause}.",
            "Customer satisfaction with the {thing} in {place} stands at {percent} %, {effect}.",
            "{person} visited {number} customers of {place} in {month} to speak about {thing}, {cause}.",
            "The largest account in {place} ordered {count} {thing} more in {month}, {effect}.",
        ),
    ),
    "safety": Topic(
        "Safety at work",
        ("safety", "accident", "protection", "injury"),
        ("Safety", "Accidents", "Protection"),
        (
            "The safety audit of {place} looked at {count} {thing} and named {number} faults, {cause}.",
            "{number} accidents with {thing} were reported in {place} in {month}, {effect}.",
            "{team} bought protection for {number} people who handle {thing} in {place}, {cause}.",
            "No injury with {thing} was recorded in {place} since {month}, {effect}.",
        ),
    ),
    "technology": Topic(
        "Technology",
        ("software", "platform", "system", "network"),
        ("Technology", "Platform", "Systems and network"),
        (
            "The platform processed {count} {thing} from {place} in {month}, {cause}.",
            "{team} connected {count} {thing} of {place} to the network in {month}, {effect}.",
            "The software for {thing} was out of use for {number} hours in {place} in {month}, {cause}.",
            "{person} replaced the system for {thing} in {place}, with {count} records, {effect}.",
        ),
    ),
    "outlook": Topic(
        "Outlook",
        ("outlook", "forecast", "next year", "expectation"),
        ("Outlook", "Forecast", "Expectations"),
        (
            "The forecast for {place} is {count} {thing} in the next year, {cause}.",
            "{person} expects demand for {thing} in {place} to grow by {percent} %, {effect}.",
            "The outlook for {thing} in {place} depends on {month}, {cause}.",
            "{team} expects {money} dollars from the {thing} of {place} in the next year, {effect}.",
        ),
    ),
}


def write_document(chance: random.Random, num_pages: int, words_per_page: int) -> Content:
    """A report of some pages: a heading and paragraphs of four sentences, each page on one topic or two."""
    blocks = [
        Block("heading", f"Report {chance.randrange(100, 999)} on {chance.choice(WORDS['place'])}", 1, 1)
    ]
    said: set[str] = set()
    for page in range(1, num_pages + 1):
        num_words = 0
        while num_words < words_per_page:
            topic = chance.choice(list(TOPICS.values()))
            blocks.append(Block("heading", chance.choice(topic.headings), 2, page))
            for paragraph in _paragraphs(chance, topic, said, words_per_page // 2):
                blocks.append(Block("paragraph", paragraph, page=page))
                num_words += len(paragraph.split())
    return Content(tuple(blocks))


def _paragraphs(chance: random.Random, topic: Topic, said: set[str], num_words: int) -> Iterator[str]:
    written = 0
    while written < num_words:
        sentences = [_sentence(chance, topic, said) for _ in range(4)]
        written += sum(len(sentence.split()) for sentence in sentences)
        yield " ".join(sentences)


def _sentence(chance: random.Random, topic: Topic, said: set[str]) -> str:
    while True:
        words = {name: chance.choice(choices) for name, choices in WORDS.items()}
        sentence = chance.choice(topic.frames).format(
            **words,
            money=f"{chance.randrange(2, 900):,},{chance.randrange(10) * 100:03}",
            number=chance.randrange(2, 29),
            count=chance.randrange(30, 4_000),
            percent=chance.randrange(3, 99),
        )
        if sentence not in said:
            said.add(sentence)
            return sentence
