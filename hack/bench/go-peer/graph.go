// Graph of one tenant: a token of its own, keep-alive connections that all tenants share.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

const userSelect = "id,userPrincipalName,displayName,givenName,surname,jobTitle,department,usageLocation,assignedLicenses"

type License struct {
	SkuID         string   `json:"skuId"`
	DisabledPlans []string `json:"disabledPlans"`
}

type EntraUser struct {
	ID                string    `json:"id"`
	UserPrincipalName string    `json:"userPrincipalName"`
	DisplayName       string    `json:"displayName"`
	GivenName         string    `json:"givenName"`
	Surname           string    `json:"surname"`
	JobTitle          string    `json:"jobTitle"`
	Department        string    `json:"department"`
	UsageLocation     string    `json:"usageLocation"`
	AssignedLicenses  []License `json:"assignedLicenses"`
}

type Sku struct {
	SkuID         string `json:"skuId"`
	SkuPartNumber string `json:"skuPartNumber"`
	ServicePlans  []struct {
		ServicePlanID   string `json:"servicePlanId"`
		ServicePlanName string `json:"servicePlanName"`
	} `json:"servicePlans"`
}

type throttled struct{ after time.Duration }

func (t throttled) Error() string { return "throttled" }

type statusError struct {
	code int
	text string
}

func (e statusError) Error() string { return fmt.Sprintf("Graph answered %d: %s", e.code, e.text) }

// Directory is one tenant. What is read once is read under its own lock, so that tenants do not wait for each other.
type Directory struct {
	client *http.Client
	base   string

	mu    sync.Mutex
	sku   *Sku
	users map[string]EntraUser
}

func newDirectory(settings Settings, shared *http.Client, tenantID string) *Directory {
	config := clientcredentials.Config{
		ClientID:     settings.ClientID,
		ClientSecret: settings.ClientSecret,
		TokenURL:     settings.LoginURL + "/" + tenantID + "/oauth2/v2.0/token",
		Scopes:       []string{"https://graph.microsoft.com/.default"},
		AuthStyle:    oauth2.AuthStyleInParams,
	}
	ctx := context.WithValue(context.Background(), oauth2.HTTPClient, shared)
	client := &http.Client{Transport: &oauth2.Transport{Source: config.TokenSource(ctx), Base: shared.Transport}}
	return &Directory{client: client, base: settings.GraphURL + "/v1.0"}
}

func (d *Directory) call(ctx context.Context, method, address string, body, into any) error {
	var reader io.Reader
	if body != nil {
		encoded, err := json.Marshal(body)
		if err != nil {
			return err
		}
		reader = bytes.NewReader(encoded)
	}
	request, err := http.NewRequestWithContext(ctx, method, address, reader)
	if err != nil {
		return err
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := d.client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode == http.StatusTooManyRequests {
		seconds, _ := strconv.ParseFloat(response.Header.Get("Retry-After"), 64)
		return throttled{after: time.Duration(max(seconds, 1) * float64(time.Second))}
	}
	if response.StatusCode >= 300 {
		return statusError{code: response.StatusCode, text: string(text)}
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(text, into)
}

// seat is the SKU that the plan's offer is, read once.
func (d *Directory) seat(ctx context.Context) (*Sku, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.sku != nil {
		return d.sku, nil
	}
	var page struct {
		Value []Sku `json:"value"`
	}
	if err := d.call(ctx, http.MethodGet, d.base+"/subscribedSkus", nil, &page); err != nil {
		return nil, err
	}
	for i := range page.Value {
		if page.Value[i].SkuPartNumber == "SPB" {
			d.sku = &page.Value[i]
			return d.sku, nil
		}
	}
	return nil, fmt.Errorf("the tenant has no SKU SPB")
}

// known is a user of the one paged list, read once: for users that exist already.
func (d *Directory) known(ctx context.Context, id string) (EntraUser, bool, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.users == nil {
		users := map[string]EntraUser{}
		next := d.base + "/users?$top=999&$select=" + userSelect
		for next != "" {
			var page struct {
				Value []EntraUser `json:"value"`
				Next  string      `json:"@odata.nextLink"`
			}
			if err := d.call(ctx, http.MethodGet, next, nil, &page); err != nil {
				return EntraUser{}, false, err
			}
			for _, user := range page.Value {
				users[user.ID] = user
			}
			next = page.Next
		}
		d.users = users
	}
	user, found := d.users[id]
	return user, found, nil
}

func (d *Directory) remember(user EntraUser) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.users != nil {
		d.users[user.ID] = user
	}
}

func (d *Directory) byName(ctx context.Context, name string) (*EntraUser, error) {
	var user EntraUser
	err := d.call(ctx, http.MethodGet, d.base+"/users/"+url.PathEscape(name)+"?$select="+userSelect, nil, &user)
	if failure, is := err.(statusError); is && failure.code == http.StatusNotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &user, nil
}

func (d *Directory) create(ctx context.Context, body map[string]any) (*EntraUser, error) {
	var user EntraUser
	err := d.call(ctx, http.MethodPost, d.base+"/users", body, &user)
	return &user, err
}

func (d *Directory) update(ctx context.Context, id string, body map[string]any) error {
	return d.call(ctx, http.MethodPatch, d.base+"/users/"+id, body, nil)
}

func (d *Directory) assign(ctx context.Context, id string, license License) error {
	body := map[string]any{"addLicenses": []License{license}, "removeLicenses": []string{}}
	return d.call(ctx, http.MethodPost, d.base+"/users/"+id+"/assignLicense", body, nil)
}
