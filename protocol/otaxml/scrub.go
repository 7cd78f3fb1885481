package otaxml

import "regexp"

// secrets are the places of credentials in an OTA message. They are found in the text, so that a body that is no XML is scrubbed too.
var (
	secretElement   = regexp.MustCompile(`(?is)(<(?:[\w.-]+:)?(?:Password|Nonce)(?:\s[^>]*[^/>])?>).*?(</(?:[\w.-]+:)?(?:Password|Nonce)\s*>|$)`)
	secretAttribute = regexp.MustCompile(`(?is)\b((?:Message)?Password\s*=\s*)("[^"]*(?:"|$)|'[^']*(?:'|$))`)
)

// Scrub answers the body without its passwords, in UTF-8 (or as it was if its encoding is not known), fit to be kept (S37).
func Scrub(body []byte, contentType string) []byte {
	text, err := toUTF8(body, contentType)
	if err != nil {
		text = body
	}
	text = secretElement.ReplaceAll(text, []byte(`${1}***${2}`))
	return secretAttribute.ReplaceAll(text, []byte(`${1}"***"`))
}
