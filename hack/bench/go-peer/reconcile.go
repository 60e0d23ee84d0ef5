// One user: finalizer, account, licence, status. Written the way controller-runtime's guides have it.
package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"

	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

const finalizer = "peer.m365-operator.io/finalizer"

type Settings struct {
	ClientID, ClientSecret, LoginURL, GraphURL string
}

type Reconciler struct {
	client      client.Client
	settings    Settings
	shared      *http.Client
	mu          sync.Mutex
	directories map[string]*Directory
}

func (r *Reconciler) Reconcile(ctx context.Context, request reconcile.Request) (reconcile.Result, error) {
	var user M365User
	if err := r.client.Get(ctx, request.NamespacedName, &user); err != nil {
		return reconcile.Result{}, client.IgnoreNotFound(err)
	}
	if !user.DeletionTimestamp.IsZero() {
		return reconcile.Result{}, r.release(ctx, &user)
	}
	err := r.converge(ctx, &user)
	var wait throttled
	if errors.As(err, &wait) {
		return reconcile.Result{RequeueAfter: wait.after}, nil
	}
	return reconcile.Result{}, err
}

func (r *Reconciler) release(ctx context.Context, user *M365User) error {
	before := user.DeepCopyObject().(*M365User)
	if !controllerutil.RemoveFinalizer(user, finalizer) {
		return nil
	}
	return client.IgnoreNotFound(r.client.Patch(ctx, user, client.MergeFrom(before)))
}

func (r *Reconciler) converge(ctx context.Context, user *M365User) error {
	before := user.DeepCopyObject().(*M365User)
	if controllerutil.AddFinalizer(user, finalizer) {
		if err := r.client.Patch(ctx, user, client.MergeFrom(before)); err != nil {
			return err
		}
	}
	var tenant M365Tenant
	key := client.ObjectKey{Namespace: user.Namespace, Name: user.Spec.TenantRef.Name}
	if err := r.client.Get(ctx, key, &tenant); err != nil {
		return err
	}
	if tenant.Status.TenantID == "" {
		return errors.New("the tenant is not set up yet")
	}
	directory := r.directory(tenant.Status.TenantID)
	account, err := ensureAccount(ctx, directory, user)
	if err != nil {
		return err
	}
	pools, err := ensureLicense(ctx, directory, account, planOf(&tenant, user.Spec.Plan))
	if err != nil {
		return err
	}
	directory.remember(*account)
	return r.writeStatus(ctx, user, account.ID, pools)
}

func (r *Reconciler) directory(tenantID string) *Directory {
	r.mu.Lock()
	defer r.mu.Unlock()
	found, ok := r.directories[tenantID]
	if !ok {
		found = newDirectory(r.settings, r.shared, tenantID)
		r.directories[tenantID] = found
	}
	return found
}

func planOf(tenant *M365Tenant, name string) *Plan {
	for i := range tenant.Spec.Plans {
		if tenant.Spec.Plans[i].Name == name {
			return &tenant.Spec.Plans[i]
		}
	}
	return nil
}

func ensureAccount(ctx context.Context, directory *Directory, user *M365User) (*EntraUser, error) {
	account, err := find(ctx, directory, user)
	if err != nil {
		return nil, err
	}
	spec := user.Spec
	wanted := map[string]any{
		"userPrincipalName": spec.UserPrincipalName, "displayName": spec.DisplayName,
		"givenName": spec.GivenName, "surname": spec.Surname, "jobTitle": spec.JobTitle,
		"department": spec.Department, "usageLocation": spec.UsageLocation,
	}
	if account == nil {
		password := make([]byte, 16)
		_, _ = rand.Read(password)
		wanted["accountEnabled"] = true
		wanted["mailNickname"], _, _ = strings.Cut(spec.UserPrincipalName, "@")
		wanted["passwordProfile"] = map[string]any{
			"password": "Aa1!" + hex.EncodeToString(password), "forceChangePasswordNextSignIn": true,
		}
		return directory.create(ctx, wanted)
	}
	actual := map[string]any{
		"userPrincipalName": account.UserPrincipalName, "displayName": account.DisplayName,
		"givenName": account.GivenName, "surname": account.Surname, "jobTitle": account.JobTitle,
		"department": account.Department, "usageLocation": account.UsageLocation,
	}
	change := map[string]any{}
	for field, value := range wanted {
		if actual[field] != value {
			change[field] = value
		}
	}
	if len(change) == 0 {
		return account, nil
	}
	if err := directory.update(ctx, account.ID, change); err != nil {
		return nil, err
	}
	account.UserPrincipalName, account.DisplayName = spec.UserPrincipalName, spec.DisplayName
	account.GivenName, account.Surname, account.JobTitle = spec.GivenName, spec.Surname, spec.JobTitle
	account.Department, account.UsageLocation = spec.Department, spec.UsageLocation
	return account, nil
}

func find(ctx context.Context, directory *Directory, user *M365User) (*EntraUser, error) {
	if user.Status.EntraID != "" {
		known, found, err := directory.known(ctx, user.Status.EntraID)
		if err != nil || found {
			return &known, err
		}
	}
	return directory.byName(ctx, user.Spec.UserPrincipalName)
}

func ensureLicense(ctx context.Context, directory *Directory, account *EntraUser, plan *Plan) ([]string, error) {
	if plan == nil {
		return nil, nil
	}
	sku, err := directory.seat(ctx)
	if err != nil {
		return nil, err
	}
	disabled := []string{}
	for _, part := range sku.ServicePlans {
		if slices.Contains(plan.DisabledServicePlans, part.ServicePlanName) {
			disabled = append(disabled, part.ServicePlanID)
		}
	}
	slices.Sort(disabled)
	for _, held := range account.AssignedLicenses {
		if held.SkuID == sku.SkuID && sameSet(held.DisabledPlans, disabled) {
			return plan.Pools, nil
		}
	}
	license := License{SkuID: sku.SkuID, DisabledPlans: disabled}
	if err := directory.assign(ctx, account.ID, license); err != nil {
		return nil, err
	}
	account.AssignedLicenses = []License{license}
	return plan.Pools, nil
}

func sameSet(held, wanted []string) bool {
	sorted := slices.Clone(held)
	slices.Sort(sorted)
	return slices.Equal(sorted, wanted)
}

func (r *Reconciler) writeStatus(ctx context.Context, user *M365User, entraID string, pools []string) error {
	before := user.DeepCopyObject().(*M365User)
	status := &user.Status
	status.ObservedGeneration = user.Generation
	status.EntraID = entraID
	status.Licenses = pools
	for _, kind := range []string{"Ready", "Synced", "EntraSynced"} {
		meta.SetStatusCondition(&status.Conditions, metav1.Condition{
			Type: kind, Status: metav1.ConditionTrue, Reason: "Provisioned",
			Message: "The account is as declared", ObservedGeneration: user.Generation,
		})
	}
	if equality.Semantic.DeepEqual(before.Status, user.Status) {
		return nil
	}
	return r.client.Status().Patch(ctx, user, client.MergeFrom(before))
}
