import json

from strands.models import Model


class ScriptedModel(Model):
    """Plays a model's part without a model service: it calls the tool once for each prompt, then puts the result in words."""

    def update_config(self, **model_config):
        pass

    def get_config(self):
        return {}

    async def structured_output(self, output_model, prompt, system_prompt=None, **kwargs):
        raise NotImplementedError("The script has no structured answers.")
        yield

    async def stream(self, messages, tool_specs=None, system_prompt=None, **kwargs):
        last = messages[-1]["content"][0]
        yield {"messageStart": {"role": "assistant"}}
        if "toolResult" in last:
            letters = last["toolResult"]["content"][0]["text"]
            for word in ["Your ", "prompt ", "has ", f"{letters} ", "letters."]:
                yield {"contentBlockDelta": {"delta": {"text": word}}}
            yield {"contentBlockStop": {}}
            yield {"messageStop": {"stopReason": "end_turn"}}
        else:
            use = {"toolUseId": f"use-{len(messages)}", "name": "count_letters"}
            yield {"contentBlockStart": {"start": {"toolUse": use}}}
            yield {"contentBlockDelta": {"delta": {"toolUse": {"input": self._arguments(last["text"])}}}}
            yield {"contentBlockStop": {}}
            yield {"messageStop": {"stopReason": "tool_use"}}

    def _arguments(self, text):
        return json.dumps({"text": text})
