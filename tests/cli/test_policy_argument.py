"""-c is the same argument in every verb; its help says where a policy is found without it."""

import argparse

from cors_proxy.cli.policy_argument import NO_POLICY, add_config_argument


def test_config() -> None:
    parser = argparse.ArgumentParser()
    add_config_argument(parser, "the cases' policy, else ")
    assert parser.parse_args([]).config is None
    for option in ("-c", "--config"):
        assert parser.parse_args([option, "x.yaml"]).config == "x.yaml"
    text = " ".join(parser.format_help().split())
    assert (
        "the cases' policy, else CORS_PROXY_POLICY (a path, or the YAML itself), else ./policy.yaml" in text
    )
    assert all(each in NO_POLICY for each in ("-c", "CORS_PROXY_POLICY", "./policy.yaml"))
