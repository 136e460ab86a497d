# The agent's own rule (agent/cli/languages.py), but for agent.toml, which may not be there yet.
language=${LICENCE_AGENT_LANGUAGE:-}
case $language in
  en | fa) ;;
  *)
    case ${LC_ALL:-${LC_MESSAGES:-${LANG:-}}} in
      fa | fa[_.]*) language=fa ;;
      *) language=en ;;
    esac
    ;;
esac
if [ "${TERM-}" = linux ] && { [ -t 1 ] || [ -t 2 ]; }; then language=en; fi

# Takes a sentence in English and in Persian; or one that the agent said, in the language that it speaks.
refuse() {
  [ $language = fa ] && [ $# = 2 ] && shift
  echo "$1" >&2
  exit 1
}
