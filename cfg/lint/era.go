package lint

import (
	"slices"

	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
	"github.com/opensips-tools/tlsmgm/mgm/domain"
)

// Versions of OpenSIPS between which rules differ.
const (
	v23 = catalogue.Version(2<<8 | 3)
	v24 = catalogue.Version(2<<8 | 4)
	v30 = catalogue.Version(3 << 8)
)

// era is what tls_mgm is like in versions that are alike.
type era struct {
	since catalogue.Version
	// matchLists: domains are found by match_ip_address and match_sip_domain, and
	// not by the address of their definition; none is there without one.
	matchLists bool
	clientAVP  string // the parameter that names the AVP of client domains
	openMethod string // the tls_method without deprecated versions
	openRange  string // the same for one that has an upper end
}

var eras = []era{
	{since: domain.MatchesSince, matchLists: true, clientAVP: "client_tls_domain_avp", openMethod: "TLSv1_2-", openRange: "TLSv1_2-TLSv1_3"},
	{clientAVP: "client_domain_avp", openMethod: "SSLv23", openRange: "SSLv23"},
}

// era is that of the script's version.
func (s *subject) era() era {
	return eras[slices.IndexFunc(eras, func(e era) bool { return s.Config.Version >= e.since })]
}
