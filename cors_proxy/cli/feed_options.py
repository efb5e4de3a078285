"""--feed and --fetch-feeds: the lists of a policy's feeds, for verbs that do not serve.

Without them the list of a feed is unknown: nothing is asked over the network.
"""

import argparse
import asyncio
from collections.abc import Sequence
from typing import Final

from ..cors.feeds import FeedList
from ..cors.spec import FeedRule, OriginFeed
from ..operate.feeds import feed_rules
from ..policy.feed_list import FeedError, read_whole
from ..policy.files import read_file, reason
from ..policy.model import Policy
from ..policy.problems import PolicyProblems, Problem

FETCH: Final = "--fetch-feeds"


def add_feed_options(parser: argparse.ArgumentParser, *also: str) -> None:
    """Add the options.  `also` are other names of --fetch-feeds."""
    parser.add_argument(
        "--feed",
        metavar="[URL=]FILE",
        action="append",
        default=[],
        help="a file with the list of the policy's feed of origins, or of the one at URL; can be repeated",
    )
    parser.add_argument(
        FETCH,
        *also,
        action="store_true",
        dest="fetch_feeds",
        help="ask the feeds of the policy for their lists",
    )


def load_feeds(policy: Policy, files: Sequence[str], fetch: bool) -> dict[str, FeedList]:
    """The lists by their URL, also put into the policy.

    Raises ValueError for an option that fits no feed, and `PolicyProblems` with E308 for each list
    that is invalid or does not come.
    """
    rules = feed_rules(policy.spec)
    bodies = {url: _read(name) for url, name in _names(rules, files)}
    asked = [feed for feed in rules if fetch and feed.url not in bodies]
    answers = asyncio.run(_fetch(asked)) if asked else {}
    lists: dict[str, FeedList] = {}
    problems = []
    for feed, rule in rules.items():
        data = bodies.get(feed.url, answers.get(feed))
        if data is None:
            continue
        try:
            if isinstance(data, FeedError):
                raise data
            lists[feed.url] = read_whole(data, feed)
            policy.site.put(feed, lists[feed.url])
        except FeedError as error:
            problems.append(Problem(rule.place, "E308", f"the feed {feed}: {error}"))
    if problems:
        raise PolicyProblems(problems)
    return lists


def _names(rules: dict[OriginFeed, FeedRule], files: Sequence[str]) -> list[tuple[str, str]]:
    """The URL and the file of each --feed."""
    urls = list(dict.fromkeys(feed.url for feed in rules))
    found = []
    for option in files:
        url = next((url for url in urls if option.startswith(f"{url}=")), "")
        if url:
            found.append((url, option.removeprefix(f"{url}=")))
        elif len(urls) == 1:
            found.append((urls[0], option))
        else:
            raise ValueError(f"--feed {option}: the policy has {len(urls)} feeds of origins: write URL=FILE")
    return found


def _read(name: str) -> bytes:
    try:
        return read_file(name)
    except (OSError, ValueError) as error:
        raise ValueError(f"--feed: cannot read {name}: {reason(error)}") from None


async def _fetch(feeds: Sequence[OriginFeed]) -> dict[OriginFeed, bytes | FeedError]:
    from ..operate import light_aiohttp  # noqa: F401  (before anything that imports aiohttp)
    from ..operate.feed_client import FeedClient

    client = FeedClient()

    async def ask(feed: OriginFeed) -> bytes | FeedError:
        try:
            answer = await client.fetch(feed)
        except FeedError as error:
            return error
        return b"" if answer is None else answer.data

    return dict(zip(feeds, await asyncio.gather(*map(ask, feeds)), strict=True))
