package catalogue

import (
	"encoding/json"
	"slices"
	"testing"
)

func TestParseVersion(t *testing.T) {
	for text, want := range map[string]Version{
		"2.3": Default, "2.3.5": Default, "2.3.5-dev": Default, "1.11": 0x010b, "1.11.3": 0x010b, "4.0": 0x0400,
	} {
		got, err := ParseVersion(text)
		if err != nil || got != want {
			t.Errorf("ParseVersion(%q) = %v, %v, want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "2", "2.3.", "2.5", "2.x", "v2.3", " 2.3", "2.3 ", "3.10"} {
		_, err := ParseVersion(text)
		want := `unknown OpenSIPS version "` + text + `": expected one of ` +
			"1.11, 2.1, 2.2, 2.3, 2.4, 3.0, 3.1, 3.2, 3.3, 3.4, 3.5, 3.6, 4.0"
		if err == nil || err.Error() != want {
			t.Errorf("ParseVersion(%q): %v, want %v", text, err, want)
		}
	}
}

func TestVersions(t *testing.T) {
	versions := Versions()
	if !slices.IsSorted(versions) || !slices.Contains(versions, Default) {
		t.Errorf("versions %v: want them in order, with %v", versions, Default)
	}
	if len(slices.Compact(slices.Clone(versions))) != len(versions) {
		t.Errorf("versions %v: some twice", versions)
	}
	versions[0] = 0
	if Versions()[0] == 0 {
		t.Error("a caller can change the known versions")
	}
	for _, v := range Versions() {
		if again, err := ParseVersion(v.String()); err != nil || again != v {
			t.Errorf("ParseVersion(%q) = %v, %v", v.String(), again, err)
		}
	}
}

func TestVersionAsText(t *testing.T) {
	text, err := json.Marshal(map[string]Version{"version": Default})
	if err != nil || string(text) != `{"version":"2.3"}` {
		t.Errorf("as JSON: %s, %v", text, err)
	}
	var back struct{ Version Version }
	if err := json.Unmarshal(text, &back); err != nil || back.Version != Default {
		t.Errorf("read back: %v, %v", back.Version, err)
	}
	if err := json.Unmarshal([]byte(`{"version":"2.9"}`), &back); err == nil || back.Version != Default {
		t.Errorf("an unknown version is read as %v, %v", back.Version, err)
	}
}
