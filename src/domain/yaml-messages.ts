/** What is wrong, for each code of the library, in words of our own: its words repeat text of the file. */
const messages: Readonly<Partial<Record<string, string>>> = {
  ALIAS_PROPS: "an alias has a tag or an anchor",
  BAD_ALIAS: "the name of an anchor or alias is empty or ends with `:`",
  BAD_COLLECTION_TYPE: "a tag does not fit what it stands at",
  BAD_DIRECTIVE: "a line that begins with `%` is no known directive",
  BAD_DQ_ESCAPE: "unknown escape in double quotes",
  BAD_INDENT: "wrong indentation, or a bracket is not closed",
  BAD_PROP_ORDER: "an anchor or tag is in the wrong place",
  BAD_SCALAR_START: "a value begins with a character that must be in quotes",
  BLOCK_AS_IMPLICIT_KEY: "a list or mapping begins on the line of a key",
  BLOCK_IN_FLOW: "an indented list or mapping is inside brackets",
  MISSING_CHAR: "something is missing: a closing quote or bracket, `,`, `:`, `-`, or the space after one",
  MULTILINE_IMPLICIT_KEY: "a key goes over several lines, or its `:` is missing",
  MULTIPLE_ANCHORS: "two anchors at one place",
  MULTIPLE_TAGS: "two tags at one place",
  TAB_AS_INDENT: "a tab is used as indentation",
  TAG_RESOLVE_FAILED: "a tag is unknown, or its value is not of that kind",
  UNEXPECTED_TOKEN: "unexpected character or word",
};

/** The message for an error of the YAML library. It depends on the code alone: the text may be a secret somebody pasted. */
export function syntaxMessage(code: string): string {
  if (code === "MULTIPLE_DOCS") return "expected one document";
  return `not valid YAML: ${messages[code] ?? "it cannot be read here"}`;
}
